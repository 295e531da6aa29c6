# Ce que les gens lisent dans les courriels de Tessera, en français.

mail-not-you = Si c’était vous, vous n’avez rien à faire. Sinon, quelqu’un d’autre utilise peut-être votre compte : prévenez les responsables de ce service.
mail-factor = Moyen de connexion : { $factor }
mail-account = Compte : { $account }
mail-when = Heure : { $when }
mail-address = Adresse réseau : { $address }
mail-browser = Navigateur : { $browser }
mail-administrator = Fait par les responsables de ce service

mail-until = Valable jusqu’au { $when }.
mail-secret = Ne le communiquez à personne. Les responsables de ce service ne le demandent jamais.
mail-not-asked = Si vous n’avez rien demandé, ignorez ce courriel. Il ne se passera rien.

mail-password-changed-subject = Votre mot de passe a été modifié
mail-password-changed-lead = Le mot de passe de votre compte a été modifié.
mail-factor-added-subject = Un nouveau moyen de connexion
mail-factor-added-lead = Votre compte a un nouveau moyen de connexion.
mail-factor-removed-subject = Un moyen de connexion a été retiré
mail-factor-removed-lead = Un moyen de connexion a été retiré de votre compte.
mail-email-changed-subject = Votre adresse de courriel a été modifiée
mail-email-changed-lead = L’adresse de courriel de votre compte a été modifiée. Les courriels vont désormais à la nouvelle.
mail-recovery-codes-made-subject = Nouveaux codes de secours
mail-recovery-codes-made-lead = Votre compte a de nouveaux codes de secours. Les anciens ne fonctionnent plus.

mail-verify-email-subject = Confirmez votre adresse de courriel
mail-verify-email-lead = Suivez ce lien pour confirmer que l’adresse est la vôtre :
mail-verify-email-open = Confirmer l’adresse
mail-reset-password-subject = Choisissez un nouveau mot de passe
mail-reset-password-lead = Suivez ce lien pour choisir un nouveau mot de passe :
mail-reset-password-open = Choisir le mot de passe
mail-invitation-subject = Votre invitation
mail-invitation-lead = Vous pouvez avoir un compte ici. Suivez ce lien pour le créer :
mail-invitation-open = Créer le compte
mail-login-link-subject = Votre lien de connexion
mail-login-link-lead = Suivez ce lien pour vous connecter :
mail-login-link-open = Se connecter
mail-login-code-subject = Votre code de connexion
mail-login-code-lead = Saisissez ce code là où vous vous connectez :

mail-test-subject = Test
mail-test-lead = Ceci est un test. Les courriels partent.
