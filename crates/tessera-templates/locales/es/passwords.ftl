# What people read about a new password on the pages of Tessera, in Spanish.

password-lead = Con una nueva contraseña, su sesión se cierra en todos los demás lugares.
password-current-label = Contraseña actual
password-new-label = Nueva contraseña
password-submit = Cambiar contraseña
password-problem-wrong-current = La contraseña actual no es correcta. Inténtelo de nuevo.
password-problem-too-short = Use al menos { $min } caracteres.
password-problem-too-long = Esta contraseña es demasiado larga. Elija una más corta.
password-problem-nul = Esta contraseña contiene un carácter que no se puede escribir. Elija otra.
password-problem-same-as-old = Esta es la contraseña anterior. Elija una nueva.
password-problem-like-old = Esta es la contraseña anterior con pequeños cambios. Elija una nueva.
password-problem-guessable = Esta contraseña es fácil de adivinar. Use varias palabras que no tengan relación entre sí.
password-problem-breached = Esta contraseña se conoce por una filtración de otro servicio. Elija una que no haya usado nunca.
password-problem-not-looked-up = En este momento no se pueden comprobar las contraseñas. Inténtelo de nuevo más tarde.
