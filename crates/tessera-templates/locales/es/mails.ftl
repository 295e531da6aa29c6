# Lo que la gente lee en los correos de Tessera, en español.

mail-not-you = Si fue usted, no tiene que hacer nada. Si no fue usted, quizá otra persona esté usando su cuenta: avise a los responsables de este servicio.
mail-factor = Forma de iniciar sesión: { $factor }
mail-account = Cuenta: { $account }
mail-when = Hora: { $when }
mail-address = Dirección de red: { $address }
mail-browser = Navegador: { $browser }
mail-administrator = Hecho por los responsables de este servicio

mail-until = Válido hasta { $when }.
mail-secret = No se lo dé a nadie. Los responsables de este servicio nunca lo piden.
mail-not-asked = Si usted no lo ha pedido, ignore este correo. No pasará nada.

mail-password-changed-subject = Su contraseña ha cambiado
mail-password-changed-lead = La contraseña de su cuenta ha cambiado.
mail-factor-added-subject = Una nueva forma de iniciar sesión
mail-factor-added-lead = Su cuenta tiene una nueva forma de iniciar sesión.
mail-factor-removed-subject = Se ha quitado una forma de iniciar sesión
mail-factor-removed-lead = Se ha quitado una forma de iniciar sesión de su cuenta.
mail-email-changed-subject = Su dirección de correo ha cambiado
mail-email-changed-lead = La dirección de correo de su cuenta ha cambiado. A partir de ahora los correos van a la nueva.
mail-recovery-codes-made-subject = Nuevos códigos de recuperación
mail-recovery-codes-made-lead = Su cuenta tiene nuevos códigos de recuperación. Los anteriores ya no funcionan.

mail-verify-email-subject = Confirme su dirección de correo
mail-verify-email-lead = Abra este enlace para confirmar que la dirección es suya:
mail-verify-email-open = Confirmar dirección
mail-reset-password-subject = Elija una nueva contraseña
mail-reset-password-lead = Abra este enlace para elegir una nueva contraseña:
mail-reset-password-open = Elegir contraseña
mail-invitation-subject = Su invitación
mail-invitation-lead = Puede tener una cuenta aquí. Abra este enlace para crearla:
mail-invitation-open = Crear cuenta
mail-login-link-subject = Su enlace para iniciar sesión
mail-login-link-lead = Abra este enlace para iniciar sesión:
mail-login-link-open = Iniciar sesión
mail-login-code-subject = Su código para iniciar sesión
mail-login-code-lead = Escriba este código donde está iniciando sesión:

mail-test-subject = Prueba
mail-test-lead = Esto es una prueba. Los correos salen.
