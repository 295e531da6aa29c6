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
login-passkey = Passkey verwenden
login-problem-wrong-passkey = Dieser Passkey lässt sich hier nicht verwenden. Bitte versuchen Sie es noch einmal oder melden Sie sich mit Ihrem Passwort an.
login-problem-ended = Die Anmeldung hat zu lange gedauert oder ist zu oft fehlgeschlagen. Bitte beginnen Sie von vorn.
login-problem-wait =
    { $seconds ->
        [one] Zu viele Versuche. Bitte warten Sie eine Sekunde.
       *[other] Zu viele Versuche. Bitte warten Sie { $seconds } Sekunden.
    }
login-problem-busy = Gerade melden sich viele an. Bitte versuchen Sie es in einigen Sekunden noch einmal.
login-problem-out-of-date = Diese Seite war veraltet. Bitte melden Sie sich noch einmal an. Sehen Sie dies öfter, erlauben Sie Cookies für diese Seite.

passkey-problem = Das hat nicht geklappt. Bitte versuchen Sie es noch einmal oder wählen Sie einen anderen Weg.
passkey-needs-script = Passkeys und Sicherheitsschlüssel brauchen JavaScript. Bitte schalten Sie es ein oder wählen Sie einen anderen Weg.

# One more proof after the first one.
step-title = Noch ein Schritt
step-user = Sie melden sich als { $username } an.
step-client = Sie melden sich als { $username } an, dann geht es weiter zu { $client }.
step-passkey = Bitte verwenden Sie Ihren Passkey oder Sicherheitsschlüssel.
step-totp = Code aus Ihrer Authenticator-App oder von Ihrem Token
step-next-code = Der nächste Code Ihres Tokens, falls Sie ihn lange nicht benutzt haben
step-recovery-code = Einer Ihrer Wiederherstellungscodes
step-password = Passwort
step-submit = Weiter
step-use-passkey = Passkey oder Sicherheitsschlüssel verwenden
step-use-totp = Code aus Ihrer App oder von Ihrem Token verwenden
step-use-recovery-code = Wiederherstellungscode verwenden
step-use-password = Passwort verwenden
step-again = Mit anderem Konto anmelden
step-problem-wrong-passkey = Dieser Schlüssel lässt sich hier nicht verwenden. Bitte versuchen Sie es noch einmal oder wählen Sie einen anderen Weg.
step-problem-wrong-code = Dieser Code ist falsch oder wurde schon verwendet. Bitte warten Sie auf den nächsten Code und versuchen Sie es noch einmal.
step-problem-wrong-recovery-code = Dieser Code ist falsch oder wurde schon verwendet. Bitte versuchen Sie es mit einem anderen.
step-problem-wrong-password = Dieses Passwort ist falsch. Bitte versuchen Sie es noch einmal.

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
home-account = Anmeldemethoden

account-title = Anmeldemethoden
account-home = Zurück zu Ihrem Konto
account-password = Passwort
account-no-password = Passwort festlegen
account-added = hinzugefügt am { $date }
account-used = zuletzt verwendet am { $date }
account-recovery-codes = Wiederherstellungscodes
account-codes-left =
    { $codes ->
        [0] keiner übrig
        [one] einer übrig
       *[other] { $codes } übrig
    }
account-add-passkey = Passkey oder Sicherheitsschlüssel hinzufügen
account-add-totp = Authenticator-App hinzufügen
account-name-label = Name
account-cancel = Zurück
account-problem-name = Bitte geben Sie einen Namen mit 1 bis 60 Zeichen ein.
account-problem-code = Dieser Code ist falsch. Bitte warten Sie auf den nächsten Code der App und versuchen Sie es noch einmal.
account-problem-taken = Dieser Schlüssel ist schon eingetragen.
account-problem-too-many = Mehr Anmeldemethoden sind nicht möglich. Bitte entfernen Sie zuerst eine.
account-problem-ceremony = Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.
account-problem-last-factor = Dies ist Ihre letzte Anmeldemethode. Bitte fügen Sie zuerst eine andere hinzu.
account-problem-out-of-date = Diese Seite war veraltet. Es wurde noch nichts geändert.

passkey-lead = Melden Sie sich mit Ihrem Telefon, Ihrem Computer oder einem Sicherheitsschlüssel an, sicher vor Phishing.
passkey-submit = Hinzufügen

totp-lead = Scannen Sie dieses Bild mit Ihrer Authenticator-App und geben Sie dann den Code ein, den die App anzeigt.
totp-qr = Bild für Ihre Authenticator-App
totp-secret = Oder geben Sie diesen Schlüssel in die App ein:
totp-open = App auf diesem Gerät öffnen
totp-code-label = Code aus der App
totp-submit = Hinzufügen

codes-lead = Mit Wiederherstellungscodes können Sie sich anmelden, wenn Sie Ihre anderen Anmeldemethoden verloren haben. Jeder gilt einmal.
codes-replaced =
    { $codes ->
        [one] Sie haben noch einen Code. Er gilt nicht mehr, sobald Sie neue erstellen.
       *[other] Sie haben noch { $codes } Codes. Sie gelten nicht mehr, sobald Sie neue erstellen.
    }
codes-submit = Neue Codes erstellen
codes-made = Drucken Sie diese Codes aus oder schreiben Sie sie auf, und bewahren Sie sie sicher auf. Sie werden nur jetzt angezeigt.
codes-done = Ich habe die Codes gesichert

authenticator-passkey = Passkey
authenticator-security-key = Sicherheitsschlüssel
authenticator-totp = Authenticator-App
authenticator-fob = Token
authenticator-unknown = Andere Anmeldemethode
authenticator-rename = Umbenennen
authenticator-remove = Entfernen
authenticator-remove-lead = Mit dem Entfernen werden Sie überall sonst abgemeldet.
authenticator-of-organization = Dieser Token gehört Ihrer Organisation. Nur die Administration kann ihn entfernen.

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
