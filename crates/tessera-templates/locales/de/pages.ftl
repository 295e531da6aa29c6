# Was Menschen auf den Seiten von Tessera lesen, auf Deutsch.

product = Tessera
direction = ltr

username-label = Benutzername
password-label = Passwort
password-show = Passwort anzeigen

login-title = Anmelden
login-lead = Bitte melden Sie sich an.
login-client = weiter zu { $client }
login-submit = Anmelden
login-problem-wrong-credentials = Benutzername und Passwort passen nicht zusammen. Bitte prüfen Sie beides.
login-problem-wait =
    { $seconds ->
        [one] Zu viele Versuche. Bitte warten Sie eine Sekunde.
       *[other] Zu viele Versuche. Bitte warten Sie { $seconds } Sekunden.
    }
login-problem-busy = Gerade melden sich viele an. Bitte versuchen Sie es in einigen Sekunden noch einmal.
login-problem-out-of-date = Diese Seite war veraltet. Bitte melden Sie sich noch einmal an. Sehen Sie dies öfter, erlauben Sie Cookies für diese Seite.

accounts-title = Konto auswählen
accounts-continue = Weiter als { $username }
accounts-other = Mit anderem Konto anmelden

consent-title = { $client } möchte Ihr Konto verwenden
consent-user = Sie sind angemeldet als { $username }.
consent-other = Mit anderem Konto anmelden
consent-wants = Die Anwendung möchte:
consent-nothing = Die Anwendung möchte nur wissen, dass Sie es sind.
consent-problem-out-of-date = Diese Seite war veraltet. Es ist noch nichts entschieden.
scope-openid = Wissen, dass Sie es sind
scope-profile = Ihren Namen, Benutzernamen und weitere Angaben Ihres Profils sehen
scope-email = Ihre E-Mail-Adresse sehen
scope-phone = Ihre Telefonnummer sehen
scope-address = Ihre Postanschrift sehen
scope-groups = Sehen, in welchen Gruppen Sie sind
scope-offline-access = Diesen Zugriff behalten, während Sie nicht da sind
consent-return = Wie Sie auch wählen, es geht weiter zu { $host }.
consent-allow = Erlauben
consent-deny = Nicht erlauben

logout-title = Abmelden?
logout-user = Sie sind angemeldet als { $username }.
logout-lead = Mit dem Abmelden endet Ihre Sitzung hier und in den Anwendungen, die sie verwenden. Anwendungen, die ihren Zugriff behalten dürfen, während Sie nicht da sind, behalten ihn.
logout-submit = Abmelden
logout-cancel = Abbrechen
logout-problem-out-of-date = Diese Seite war veraltet. Sie sind noch angemeldet.
logout-now-title = Sie werden abgemeldet
logout-now-lead = Geschieht nichts, drücken Sie den Knopf.

logged-out-title = Sie sind abgemeldet
logged-out-lead = Ihre Sitzung in diesem Browser ist beendet. Sie können dieses Fenster schließen.
nobody-title = Sie sind hier nicht angemeldet
nobody-lead = In diesem Browser gibt es keine Sitzung, die enden könnte. Sind Sie in einem anderen Browser angemeldet, melden Sie sich bitte dort ab.
logged-out-return = Zurück zu { $client }
logged-out-login = Anmelden

home-title = Ihr Konto
home-user = Sie sind angemeldet als { $username }.
home-applications = Anwendungen mit Zugriff auf Ihr Konto
home-application-since = seit { $date }
home-none = Keine Anwendung hat Zugriff auf Ihr Konto.
home-logout = Abmelden

error-bad-request-title = Diese Anfrage ist nicht lesbar
error-bad-request-lead = Die Anwendung hat etwas gesendet, das hier keinen Sinn ergibt. Gehen Sie zu ihr zurück und versuchen Sie es noch einmal. Hilft das nicht, sagen Sie es ihren Betreibern.
error-unknown-client-title = Unbekannte Anwendung
error-unknown-client-lead = Die Anwendung, von der Sie kommen, ist hier nicht eingetragen. Prüfen Sie, ob Sie an der richtigen Stelle waren, und sagen Sie es ihren Betreibern.
error-bad-redirect-title = Unbekannte Rücksprungadresse
error-bad-redirect-lead = Die Anwendung will Sie zu einer Adresse schicken, die für sie nicht eingetragen ist. Zu Ihrer Sicherheit bleiben Sie hier. Sagen Sie es ihren Betreibern.
error-bad-redirect-missing = Die Anwendung hat nicht gesagt, zu welcher Adresse es zurückgeht. Sagen Sie es ihren Betreibern.
error-bad-redirect-address = Die Adresse:
error-bad-redirect-register = Wer diesen Dienst betreibt, kann sie so eintragen:
error-bad-redirect-localhost = Nur http://127.0.0.1 und http://[::1] dürfen jeden Port benutzen. Tragen Sie diese Adresse ein, wie sie ist, oder lassen Sie die Anwendung http://127.0.0.1 benutzen.
error-expired-title = Dieser Link gilt nicht mehr
error-expired-lead = Es wurde nichts geändert. Gehen Sie zur Anwendung zurück und beginnen Sie von vorn.
error-cross-site-title = Dieses Formular kam nicht von hier
error-cross-site-lead = Es wurde nichts geändert. Gehen Sie zur Anwendung zurück und beginnen Sie von vorn. Sehen Sie dies noch einmal, erlauben Sie Cookies für diese Seite.
error-not-found-title = Diese Seite gibt es nicht
error-not-found-lead = Prüfen Sie die Adresse oder gehen Sie zur Anwendung zurück.
error-unavailable-title = Einen Augenblick außer Betrieb
error-unavailable-lead =
    { $seconds ->
        [one] Es ist nichts verloren. Versuchen Sie es in einer Sekunde noch einmal.
       *[other] Es ist nichts verloren. Versuchen Sie es in { $seconds } Sekunden noch einmal.
    }
error-internal-title = Etwas ist schiefgegangen
error-internal-lead = Es liegt nicht an Ihnen. Gehen Sie zurück und versuchen Sie es noch einmal. Hilft das nicht, sagen Sie es den Betreibern dieses Dienstes.
error-reference = Kennung:
error-home = Zur Startseite

help-link = Hilfe

form-post-title = Zurück zur Anwendung
form-post-lead = Sie werden zur Anwendung zurückgeschickt. Geschieht nichts, drücken Sie den Knopf.
form-post-submit = Weiter
