# What people read on the pages of Tessera, in Spanish.

product = Tessera
direction = ltr

username-label = Nombre de usuario
password-label = Contraseña
password-show = Mostrar contraseña

login-title = Iniciar sesión
login-lead = Inicie sesión para continuar.
login-client = para continuar en { $client }
login-submit = Iniciar sesión
login-problem-wrong-credentials = El nombre de usuario y la contraseña no coinciden. Compruebe ambos e inténtelo de nuevo.
login-passkey = Usar una llave de acceso
login-problem-wrong-passkey = Esta llave de acceso no se puede usar aquí. Inténtelo de nuevo o inicie sesión con su contraseña.
login-problem-ended = El inicio de sesión ha tardado demasiado o ha fallado demasiadas veces. Empiece de nuevo.
login-problem-wait =
    { $seconds ->
        [one] Demasiados intentos. Espere un segundo e inténtelo de nuevo.
       *[other] Demasiados intentos. Espere { $seconds } segundos e inténtelo de nuevo.
    }
login-problem-busy = Muchas personas están iniciando sesión en este momento. Inténtelo de nuevo en unos segundos.
login-problem-out-of-date = Esta página no estaba actualizada. Inicie sesión de nuevo. Si ve este mensaje más de una vez, permita las cookies de este sitio.

passkey-problem = No ha funcionado. Inténtelo de nuevo o elija otra forma.
passkey-needs-script = Las llaves de acceso y las llaves de seguridad necesitan JavaScript. Actívelo o elija otra forma.

# One more proof after the first one.
step-title = Un paso más
step-user = Está iniciando sesión como { $username }.
step-client = Está iniciando sesión como { $username } para continuar en { $client }.
step-passkey = Use su llave de acceso o su llave de seguridad.
step-totp = Código de su app de autenticación o de su llavero
step-next-code = El siguiente código de su llavero, si hace mucho que no lo usa
step-recovery-code = Uno de sus códigos de recuperación
step-password = Contraseña
step-submit = Continuar
step-use-passkey = Usar una llave de acceso o de seguridad
step-use-totp = Usar un código de su app o de su llavero
step-use-recovery-code = Usar un código de recuperación
step-use-password = Usar su contraseña
step-again = Iniciar sesión con otra cuenta
step-problem-wrong-passkey = Esta llave no se puede usar aquí. Inténtelo de nuevo o elija otra forma.
step-problem-wrong-code = Este código no es correcto o ya se ha usado. Espere al siguiente código e inténtelo de nuevo.
step-problem-wrong-recovery-code = Este código no es correcto o ya se ha usado. Pruebe con otro.
step-problem-wrong-password = Esta contraseña no es correcta. Inténtelo de nuevo.

accounts-title = Elija una cuenta
accounts-continue = Continuar como { $username }
accounts-other = Usar otra cuenta

consent-title = { $client } quiere usar su cuenta
consent-user = Ha iniciado sesión como { $username }.
consent-other = Usar otra cuenta
consent-wants = La aplicación quiere:
consent-nothing = La aplicación solo quiere saber que es usted.
consent-problem-out-of-date = Esta página no estaba actualizada. Todavía no se ha decidido nada.
scope-openid = Saber que es usted
scope-profile = Ver su nombre, su nombre de usuario y otros datos de su perfil
scope-email = Ver su dirección de correo electrónico
scope-phone = Ver su número de teléfono
scope-address = Ver su dirección postal
scope-groups = Ver los grupos a los que pertenece
scope-offline-access = Conservar este acceso cuando usted no esté
consent-return = Elija lo que elija, volverá a { $host }.
consent-allow = Permitir
consent-deny = No permitir

logout-title = ¿Cerrar sesión?
logout-user = Ha iniciado sesión como { $username }.
logout-lead = Al cerrar sesión, su sesión termina aquí y en las aplicaciones que la usan. Las aplicaciones que pueden conservar su acceso cuando usted no esté lo conservan.
logout-submit = Cerrar sesión
logout-cancel = Cancelar
logout-problem-out-of-date = Esta página no estaba actualizada. Su sesión sigue abierta.
logout-now-title = Cerrando sesión
logout-now-lead = Si no ocurre nada, pulse el botón.

logged-out-title = Ha cerrado sesión
logged-out-lead = Su sesión en este navegador ha terminado. Puede cerrar esta ventana.
nobody-title = No ha iniciado sesión aquí
nobody-lead = En este navegador no hay ninguna sesión que cerrar. Si ha iniciado sesión en otro navegador, cierre sesión allí.
logged-out-return = Volver a { $client }
logged-out-login = Iniciar sesión

home-title = Su cuenta
home-user = Ha iniciado sesión como { $username }.
home-applications = Aplicaciones con acceso a su cuenta
home-application-since = desde el { $date }
home-none = Ninguna aplicación tiene acceso a su cuenta.
home-logout = Cerrar sesión
home-account = Formas de iniciar sesión

account-title = Formas de iniciar sesión
account-home = Volver a su cuenta
account-password = Contraseña
account-no-password = Establecer una contraseña
account-added = añadida el { $date }
account-used = usada por última vez el { $date }
account-recovery-codes = Códigos de recuperación
account-codes-left =
    { $codes ->
        [0] no queda ninguno
        [one] queda uno
       *[other] quedan { $codes }
    }
account-add-passkey = Añadir una llave de acceso o de seguridad
account-add-totp = Añadir una app de autenticación
account-name-label = Nombre
account-cancel = Volver
account-problem-name = Indique un nombre de entre 1 y 60 caracteres.
account-problem-code = Este código no es correcto. Espere al siguiente código de la app e inténtelo de nuevo.
account-problem-taken = Esta llave ya está registrada.
account-problem-too-many = Ha alcanzado el número máximo de formas de iniciar sesión. Elimine una primero.
account-problem-ceremony = No ha funcionado. Inténtelo de nuevo.
account-problem-last-factor = Esta es su última forma de iniciar sesión. Añada otra primero.
account-problem-out-of-date = Esta página no estaba actualizada. Todavía no se ha cambiado nada.

passkey-lead = Use su teléfono, su ordenador o una llave de seguridad para iniciar sesión, a salvo del phishing.
passkey-submit = Añadir

totp-lead = Escanee esta imagen con su app de autenticación y escriba después el código que muestra la app.
totp-qr = Imagen para su app de autenticación
totp-secret = O escriba esta clave en la app:
totp-open = Abrir una app en este dispositivo
totp-code-label = Código de la app
totp-submit = Añadir

codes-lead = Los códigos de recuperación le permiten iniciar sesión si ha perdido sus otras formas de hacerlo. Cada uno funciona una sola vez.
codes-replaced =
    { $codes ->
        [one] Le queda un código. Dejará de funcionar cuando cree códigos nuevos.
       *[other] Le quedan { $codes } códigos. Dejarán de funcionar cuando cree códigos nuevos.
    }
codes-submit = Crear códigos nuevos
codes-made = Imprima estos códigos o anótelos, y guárdelos en un lugar seguro. Solo se muestran ahora.
codes-done = Ya los he guardado

authenticator-passkey = Llave de acceso
authenticator-security-key = Llave de seguridad
authenticator-totp = App de autenticación
authenticator-fob = Llavero de códigos
authenticator-unknown = Otra forma de iniciar sesión
authenticator-rename = Cambiar nombre
authenticator-remove = Eliminar
authenticator-remove-lead = Al eliminarla, su sesión se cierra en todos los demás lugares.
authenticator-of-organization = Este llavero pertenece a su organización. Solo un administrador puede eliminarlo.

error-bad-request-title = No se puede leer esta solicitud
error-bad-request-lead = La aplicación ha enviado algo que aquí no tiene sentido. Vuelva a la aplicación e inténtelo de nuevo. Si eso no ayuda, avise a los responsables de la aplicación.
error-unknown-client-title = Aplicación desconocida
error-unknown-client-lead = La aplicación desde la que viene no está registrada aquí. Compruebe que viene del lugar correcto y avise a los responsables de la aplicación.
error-bad-redirect-title = Dirección de retorno desconocida
error-bad-redirect-lead = La aplicación quiere enviarle a una dirección que no está registrada para ella. Por su seguridad, permanece aquí. Avise a los responsables de la aplicación.
error-bad-redirect-missing = La aplicación no ha indicado a qué dirección debe volver usted. Avise a los responsables de la aplicación.
error-bad-redirect-address = La dirección:
error-bad-redirect-register = Los responsables de este servicio registran una dirección así:
error-bad-redirect-localhost = Solo http://127.0.0.1 y http://[::1] pueden usar cualquier puerto. Registre esta dirección tal como está o haga que la aplicación use http://127.0.0.1.
error-expired-title = Este enlace ya no funciona
error-expired-lead = No se ha cambiado nada. Vuelva a la aplicación y empiece de nuevo.
error-cross-site-title = Este formulario no procede de aquí
error-cross-site-lead = No se ha cambiado nada. Vuelva a la aplicación y empiece de nuevo. Si vuelve a ver este mensaje, permita las cookies de este sitio.
error-not-found-title = Esta página no existe
error-not-found-lead = Compruebe la dirección o vuelva a la aplicación desde la que viene.
error-unavailable-title = Fuera de servicio por un momento
error-unavailable-lead =
    { $seconds ->
        [one] No se ha perdido nada. Inténtelo de nuevo en un segundo.
       *[other] No se ha perdido nada. Inténtelo de nuevo en { $seconds } segundos.
    }
error-internal-title = Algo ha fallado
error-internal-lead = No es culpa suya. Vuelva atrás e inténtelo de nuevo. Si eso no ayuda, avise a los responsables de este servicio.
error-reference = Referencia:
error-home = Ir a la página de inicio

help-link = Obtener ayuda

form-post-title = Volver a la aplicación
form-post-lead = Está volviendo a la aplicación. Si no ocurre nada, pulse el botón.
form-post-submit = Continuar
