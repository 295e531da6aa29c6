# Was Menschen auf den Seiten von Tessera lesen, auf Deutsch.

product = Tessera
direction = ltr

username-label = Benutzername
password-label = Passwort

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

consent-title = { $client } möchte Ihr Konto verwenden
consent-user = Sie sind angemeldet als { $username }.
consent-other = Mit anderem Konto anmelden
consent-wants = Die Anwendung möchte:
consent-nothing = Die Anwendung möchte nur wissen, dass Sie es sind.
scope-openid = Wissen, dass Sie es sind
scope-profile = Ihren Namen und Benutzernamen sehen
scope-email = Ihre E-Mail-Adresse sehen
scope-offline-access = Diesen Zugriff behalten, während Sie nicht da sind
consent-return = Wie Sie auch wählen, es geht weiter zu { $host }.
consent-allow = Erlauben
consent-deny = Nicht erlauben

logout-title = Abmelden?
logout-user = Sie sind angemeldet als { $username }. Mit dem Abmelden endet Ihre Sitzung hier und in den Anwendungen, die sie verwenden.
logout-lead = Mit dem Abmelden endet Ihre Sitzung hier und in den Anwendungen, die sie verwenden.
logout-submit = Abmelden

logged-out-title = Sie sind abgemeldet
logged-out-lead = Ihre Sitzung ist beendet. Sie können dieses Fenster schließen.

signed-in-title = Sie sind angemeldet
signed-in-user = Angemeldet als { $username }. Sie können dieses Fenster schließen oder zur Anwendung zurückgehen.
signed-in-logout = Abmelden

error-bad-request-title = Diese Anfrage ist nicht lesbar
error-bad-request-lead = Die Anwendung hat etwas gesendet, das hier keinen Sinn ergibt. Gehen Sie zu ihr zurück und versuchen Sie es noch einmal. Hilft das nicht, sagen Sie es ihren Betreibern.
error-unknown-client-title = Unbekannte Anwendung
error-unknown-client-lead = Die Anwendung, von der Sie kommen, ist hier nicht eingetragen. Prüfen Sie, ob Sie an der richtigen Stelle waren, und sagen Sie es ihren Betreibern.
error-bad-redirect-title = Unbekannte Rücksprungadresse
error-bad-redirect-lead = Die Anwendung will Sie zu einer Adresse schicken, die für sie nicht eingetragen ist. Zu Ihrer Sicherheit bleiben Sie hier. Sagen Sie es ihren Betreibern.
error-expired-title = Das hat zu lange gedauert
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

form-post-title = Zurück zur Anwendung
form-post-lead = Sie werden zur Anwendung zurückgeschickt. Geschieht nichts, drücken Sie den Knopf.
form-post-submit = Weiter
