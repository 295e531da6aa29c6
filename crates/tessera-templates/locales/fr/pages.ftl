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
login-problem-wait =
    { $seconds ->
        [one] Trop de tentatives. Attendez { $seconds } seconde, puis réessayez.
       *[other] Trop de tentatives. Attendez { $seconds } secondes, puis réessayez.
    }
login-problem-busy = Beaucoup de personnes se connectent en ce moment. Réessayez dans quelques secondes.
login-problem-out-of-date = Cette page n’était plus à jour. Connectez-vous de nouveau. Si ce message revient, autorisez les cookies pour ce site.

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
