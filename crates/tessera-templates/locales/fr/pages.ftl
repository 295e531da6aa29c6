# What people read on the pages of Tessera, in French.

product = Tessera
direction = ltr

username-label = Nom d’utilisateur
password-label = Mot de passe
password-show = Afficher le mot de passe

login-title = Se connecter
login-lead = Connectez-vous pour continuer.
login-client = pour continuer vers { $client }
login-submit = Se connecter
login-problem-wrong-credentials = Ce nom d’utilisateur et ce mot de passe ne correspondent pas. Vérifiez les deux et réessayez.
login-passkey = Utiliser une clé d’accès
login-problem-wrong-passkey = Cette clé d’accès ne peut pas être utilisée ici. Réessayez, ou connectez-vous avec votre mot de passe.
login-problem-ended = La connexion a pris trop de temps ou a échoué trop souvent. Recommencez.
login-problem-wait =
    { $seconds ->
        [one] Trop de tentatives. Attendez { $seconds } seconde, puis réessayez.
       *[other] Trop de tentatives. Attendez { $seconds } secondes, puis réessayez.
    }
login-problem-busy = Beaucoup de personnes se connectent en ce moment. Réessayez dans quelques secondes.
login-problem-out-of-date = Cette page n’était plus à jour. Connectez-vous de nouveau. Si ce message revient, autorisez les cookies pour ce site.

passkey-problem = Cela n’a pas fonctionné. Réessayez, ou choisissez une autre méthode.
passkey-needs-script = Les clés d’accès et les clés de sécurité nécessitent JavaScript. Activez-le, ou choisissez une autre méthode.

# One more proof after the first one.
step-title = Encore une étape
step-user = Vous vous connectez avec le compte { $username }.
step-client = Vous vous connectez avec le compte { $username } pour continuer vers { $client }.
step-passkey = Utilisez votre clé d’accès ou votre clé de sécurité.
step-totp = Code de votre application d’authentification ou de votre porte-clés
step-next-code = Le code suivant de votre porte-clés, si vous ne l’avez pas utilisé depuis longtemps
step-recovery-code = Un de vos codes de récupération
step-password = Mot de passe
step-submit = Continuer
step-use-passkey = Utiliser une clé d’accès ou de sécurité
step-use-totp = Utiliser un code de l’application d’authentification ou du porte-clés
step-use-recovery-code = Utiliser un code de récupération
step-use-password = Utiliser votre mot de passe
step-again = Se connecter avec un autre compte
step-problem-wrong-passkey = Cette clé ne peut pas être utilisée ici. Réessayez, ou choisissez une autre méthode.
step-problem-wrong-code = Ce code est incorrect ou a déjà été utilisé. Attendez le code suivant, puis réessayez.
step-problem-wrong-recovery-code = Ce code est incorrect ou a déjà été utilisé. Essayez-en un autre.
step-problem-wrong-password = Ce mot de passe est incorrect. Réessayez.

accounts-title = Choisissez un compte
accounts-continue = Continuer en tant que { $username }
accounts-other = Utiliser un autre compte

consent-title = { $client } souhaite utiliser votre compte
consent-user = Vous utilisez le compte { $username }.
consent-other = Utiliser un autre compte
consent-wants = L’application souhaite :
consent-nothing = L’application souhaite seulement savoir que c’est bien vous.
consent-problem-out-of-date = Cette page n’était plus à jour. Rien n’est encore décidé.
scope-openid = Savoir que c’est bien vous
scope-profile = Voir votre nom, votre nom d’utilisateur et d’autres informations de votre profil
scope-email = Voir votre adresse e-mail
scope-phone = Voir votre numéro de téléphone
scope-address = Voir votre adresse postale
scope-groups = Voir les groupes dont vous faites partie
scope-offline-access = Conserver cet accès en votre absence
consent-return = Quel que soit votre choix, vous retournez vers { $host }.
consent-allow = Autoriser
consent-deny = Ne pas autoriser

logout-title = Se déconnecter ?
logout-user = Vous utilisez le compte { $username }.
logout-lead = La déconnexion met fin à votre session ici et dans les applications qui l’utilisent. Les applications autorisées à conserver leur accès en votre absence le conservent.
logout-submit = Se déconnecter
logout-cancel = Annuler
logout-problem-out-of-date = Cette page n’était plus à jour. Votre session est toujours ouverte.
logout-now-title = Déconnexion en cours
logout-now-lead = Si rien ne se passe, appuyez sur le bouton.

logged-out-title = Déconnexion effectuée
logged-out-lead = Votre session dans ce navigateur est terminée. Vous pouvez fermer cette fenêtre.
nobody-title = Aucune session n’est ouverte ici
nobody-lead = Ce navigateur n’a aucune session à fermer. Si votre session est ouverte dans un autre navigateur, déconnectez-vous depuis cet autre navigateur.
logged-out-return = Retourner vers { $client }
logged-out-login = Se connecter

home-title = Votre compte
home-user = Vous utilisez le compte { $username }.
home-applications = Applications ayant accès à votre compte
home-application-since = depuis le { $date }
home-none = Aucune application n’a accès à votre compte.
home-logout = Se déconnecter
home-account = Méthodes de connexion

account-title = Méthodes de connexion
account-home = Retour à votre compte
account-password = Mot de passe
account-no-password = Définir un mot de passe
account-added = ajoutée le { $date }
account-used = utilisée pour la dernière fois le { $date }
account-recovery-codes = Codes de récupération
account-codes-left =
    { $codes ->
        [0] aucun restant
        [one] { $codes } restant
       *[other] { $codes } restants
    }
account-add-passkey = Ajouter une clé d’accès ou de sécurité
account-add-totp = Ajouter une application d’authentification
account-name-label = Nom
account-cancel = Retour
account-problem-name = Donnez un nom de 1 à 60 caractères.
account-problem-code = Ce code est incorrect. Attendez le code suivant de l’application, puis réessayez.
account-problem-taken = Cette clé est déjà enregistrée.
account-problem-too-many = Vous avez atteint le nombre maximal de méthodes de connexion. Supprimez-en d’abord une.
account-problem-ceremony = Cela n’a pas fonctionné. Réessayez.
account-problem-last-factor = C’est votre dernière méthode de connexion. Ajoutez-en d’abord une autre.
account-problem-out-of-date = Cette page n’était plus à jour. Rien n’a encore été modifié.

passkey-lead = Utilisez votre téléphone, votre ordinateur ou une clé de sécurité pour vous connecter, à l’abri de l’hameçonnage.
passkey-submit = Ajouter

totp-lead = Scannez cette image avec votre application d’authentification, puis saisissez le code que l’application affiche.
totp-qr = Image pour votre application d’authentification
totp-secret = Ou saisissez cette clé dans l’application :
totp-open = Ouvrir une application sur cet appareil
totp-code-label = Code de l’application
totp-submit = Ajouter

codes-lead = Les codes de récupération vous permettent de vous connecter si vous avez perdu vos autres méthodes. Chacun ne fonctionne qu’une fois.
codes-replaced =
    { $codes ->
        [one] Il vous reste { $codes } code. Il ne fonctionnera plus quand vous en créerez de nouveaux.
       *[other] Il vous reste { $codes } codes. Ils ne fonctionneront plus quand vous en créerez de nouveaux.
    }
codes-submit = Créer de nouveaux codes
codes-made = Imprimez ces codes ou notez-les, et conservez-les en lieu sûr. Ils ne seront plus affichés par la suite.
codes-done = Je les ai conservés

authenticator-passkey = Clé d’accès
authenticator-security-key = Clé de sécurité
authenticator-totp = Application d’authentification
authenticator-fob = Porte-clés à codes
authenticator-unknown = Autre méthode de connexion
authenticator-rename = Renommer
authenticator-remove = Supprimer
authenticator-remove-lead = La suppression vous déconnecte partout ailleurs.
authenticator-of-organization = Ce porte-clés appartient à votre organisation. Seul un administrateur peut le supprimer.

error-bad-request-title = Cette demande est illisible
error-bad-request-lead = L’application a envoyé quelque chose qui n’a pas de sens ici. Retournez vers l’application et réessayez. Si cela ne suffit pas, prévenez les responsables de l’application.
error-unknown-client-title = Application inconnue
error-unknown-client-lead = L’application d’où vous venez n’est pas enregistrée ici. Vérifiez que vous venez du bon endroit, puis prévenez les responsables de l’application.
error-bad-redirect-title = Adresse de retour inconnue
error-bad-redirect-lead = L’application veut vous envoyer à une adresse qui n’est pas enregistrée pour elle. Pour votre sécurité, vous restez ici. Prévenez les responsables de l’application.
error-bad-redirect-missing = L’application n’a pas indiqué à quelle adresse vous retournez. Prévenez les responsables de l’application.
error-bad-redirect-address = L’adresse :
error-bad-redirect-register = Les responsables de ce service enregistrent une adresse ainsi :
error-bad-redirect-localhost = Seules les adresses http://127.0.0.1 et http://[::1] peuvent utiliser n’importe quel port. Enregistrez cette adresse telle quelle, ou faites en sorte que l’application utilise http://127.0.0.1.
error-expired-title = Ce lien ne fonctionne plus
error-expired-lead = Rien n’a été modifié. Retournez vers l’application et recommencez.
error-cross-site-title = Ce formulaire ne vient pas d’ici
error-cross-site-lead = Rien n’a été modifié. Retournez vers l’application et recommencez. Si ce message revient, autorisez les cookies pour ce site.
error-not-found-title = Cette page n’existe pas
error-not-found-lead = Vérifiez l’adresse, ou retournez vers l’application d’où vous venez.
error-unavailable-title = Service momentanément indisponible
error-unavailable-lead =
    { $seconds ->
        [one] Rien n’est perdu. Réessayez dans { $seconds } seconde.
       *[other] Rien n’est perdu. Réessayez dans { $seconds } secondes.
    }
error-internal-title = Un problème est survenu
error-internal-lead = Ce n’est pas votre faute. Revenez en arrière et réessayez. Si cela ne suffit pas, prévenez les responsables de ce service.
error-reference = Référence :
error-home = Aller à la page d’accueil

help-link = Obtenir de l’aide

form-post-title = Retour à l’application
form-post-lead = Le retour à l’application est en cours. Si rien ne se passe, appuyez sur le bouton.
form-post-submit = Continuer
