# What people read on the pages of Tessera, in Dutch.

product = Tessera
direction = ltr

username-label = Gebruikersnaam
password-label = Wachtwoord
password-show = Wachtwoord tonen

login-title = Inloggen
login-lead = Log in om verder te gaan.
login-client = om verder te gaan naar { $client }
login-submit = Inloggen
login-problem-wrong-credentials = Deze gebruikersnaam en dit wachtwoord horen niet bij elkaar. Controleer beide en probeer het opnieuw.
login-passkey = Een passkey gebruiken
login-problem-wrong-passkey = Deze passkey kan hier niet worden gebruikt. Probeer het opnieuw, of log in met uw wachtwoord.
login-problem-ended = Het inloggen duurde te lang of mislukte te vaak. Begin opnieuw.
login-problem-wait =
    { $seconds ->
        [one] Te veel pogingen. Wacht één seconde en probeer het dan opnieuw.
       *[other] Te veel pogingen. Wacht { $seconds } seconden en probeer het dan opnieuw.
    }
login-problem-busy = Er loggen op dit moment veel mensen in. Probeer het over enkele seconden opnieuw.
login-problem-out-of-date = Deze pagina was verouderd. Log opnieuw in. Ziet u dit vaker, sta dan cookies toe voor deze site.

passkey-problem = Dat is niet gelukt. Probeer het opnieuw, of kies een andere manier.
passkey-needs-script = Passkeys en beveiligingssleutels hebben JavaScript nodig. Zet het aan, of kies een andere manier.

# One more proof after the first one.
step-title = Nog één stap
step-user = U logt in als { $username }.
step-client = U logt in als { $username } om verder te gaan naar { $client }.
step-passkey = Gebruik uw passkey of beveiligingssleutel.
step-totp = Code uit uw authenticator-app of van uw token
step-next-code = De volgende code van uw token, als u die lang niet hebt gebruikt
step-recovery-code = Een van uw herstelcodes
step-password = Wachtwoord
step-submit = Doorgaan
step-use-passkey = Een passkey of beveiligingssleutel gebruiken
step-use-totp = Een code uit uw app of van uw token gebruiken
step-use-recovery-code = Een herstelcode gebruiken
step-use-password = Uw wachtwoord gebruiken
step-again = Inloggen met een ander account
step-problem-wrong-passkey = Deze sleutel kan hier niet worden gebruikt. Probeer het opnieuw, of kies een andere manier.
step-problem-wrong-code = Deze code is onjuist of al eerder gebruikt. Wacht op de volgende code en probeer het dan opnieuw.
step-problem-wrong-recovery-code = Deze code is onjuist of al eerder gebruikt. Probeer een andere.
step-problem-wrong-password = Dit wachtwoord is onjuist. Probeer het opnieuw.

accounts-title = Kies een account
accounts-continue = Doorgaan als { $username }
accounts-other = Een ander account gebruiken

consent-title = { $client } wil uw account gebruiken
consent-user = U bent ingelogd als { $username }.
consent-other = Een ander account gebruiken
consent-wants = De applicatie wil:
consent-nothing = De applicatie wil alleen weten dat u het bent.
consent-problem-out-of-date = Deze pagina was verouderd. Er is nog niets besloten.
scope-openid = Weten dat u het bent
scope-profile = Uw naam, gebruikersnaam en andere gegevens van uw profiel zien
scope-email = Uw e-mailadres zien
scope-phone = Uw telefoonnummer zien
scope-address = Uw postadres zien
scope-groups = Zien in welke groepen u zit
scope-offline-access = Deze toegang behouden terwijl u er niet bent
consent-return = Wat u ook kiest, u gaat terug naar { $host }.
consent-allow = Toestaan
consent-deny = Niet toestaan

logout-title = Uitloggen?
logout-user = U bent ingelogd als { $username }.
logout-lead = Als u uitlogt, eindigt uw sessie hier en in de applicaties die deze sessie gebruiken. Applicaties die hun toegang mogen behouden terwijl u er niet bent, behouden die.
logout-submit = Uitloggen
logout-cancel = Annuleren
logout-problem-out-of-date = Deze pagina was verouderd. U bent nog ingelogd.
logout-now-title = U wordt uitgelogd
logout-now-lead = Gebeurt er niets, druk dan op de knop.

logged-out-title = U bent uitgelogd
logged-out-lead = Uw sessie in deze browser is beëindigd. U kunt dit venster sluiten.
nobody-title = U bent hier niet ingelogd
nobody-lead = In deze browser is er geen sessie die beëindigd kan worden. Bent u in een andere browser ingelogd, log dan daar uit.
logged-out-return = Terug naar { $client }
logged-out-login = Inloggen

home-title = Uw account
home-user = U bent ingelogd als { $username }.
home-applications = Applicaties met toegang tot uw account
home-application-since = sinds { $date }
home-none = Geen enkele applicatie heeft toegang tot uw account.
home-logout = Uitloggen
home-account = Inlogmethoden

account-title = Inlogmethoden
account-home = Terug naar uw account
account-password = Wachtwoord
account-no-password = Een wachtwoord instellen
account-added = toegevoegd op { $date }
account-used = laatst gebruikt op { $date }
account-recovery-codes = Herstelcodes
account-codes-left =
    { $codes ->
        [0] geen over
        [one] één over
       *[other] { $codes } over
    }
account-add-passkey = Een passkey of beveiligingssleutel toevoegen
account-add-totp = Een authenticator-app toevoegen
account-name-label = Naam
account-cancel = Terug
account-problem-name = Geef een naam van 1 tot en met 60 tekens op.
account-problem-code = Deze code is onjuist. Wacht op de volgende code van de app en probeer het dan opnieuw.
account-problem-taken = Deze sleutel is al geregistreerd.
account-problem-too-many = U hebt het maximale aantal inlogmethoden bereikt. Verwijder er eerst een.
account-problem-ceremony = Dat is niet gelukt. Probeer het opnieuw.
account-problem-last-factor = Dit is uw laatste inlogmethode. Voeg eerst een andere toe.
account-problem-out-of-date = Deze pagina was verouderd. Er is nog niets gewijzigd.

passkey-lead = Gebruik uw telefoon, uw computer of een beveiligingssleutel om in te loggen, beschermd tegen phishing.
passkey-submit = Toevoegen

totp-lead = Scan deze afbeelding met uw authenticator-app en typ dan de code die de app toont.
totp-qr = Afbeelding voor uw authenticator-app
totp-secret = Of typ deze sleutel in de app:
totp-open = Een app op dit apparaat openen
totp-code-label = Code uit de app
totp-submit = Toevoegen

codes-lead = Met herstelcodes kunt u inloggen als u uw andere inlogmethoden kwijt bent. Elke code werkt één keer.
codes-replaced =
    { $codes ->
        [one] U hebt nog één code. Die werkt niet meer zodra u nieuwe codes maakt.
       *[other] U hebt nog { $codes } codes. Die werken niet meer zodra u nieuwe codes maakt.
    }
codes-submit = Nieuwe codes maken
codes-made = Druk deze codes af of schrijf ze op, en bewaar ze op een veilige plaats. Ze worden alleen nu getoond.
codes-done = Ik heb ze bewaard

authenticator-passkey = Passkey
authenticator-security-key = Beveiligingssleutel
authenticator-totp = Authenticator-app
authenticator-fob = Token
authenticator-unknown = Andere inlogmethode
authenticator-rename = Naam wijzigen
authenticator-remove = Verwijderen
authenticator-remove-lead = Bij verwijdering wordt u overal elders uitgelogd.
authenticator-of-organization = Dit token is van uw organisatie. Alleen een beheerder kan het verwijderen.

error-bad-request-title = Dit verzoek is niet leesbaar
error-bad-request-lead = De applicatie heeft iets gestuurd dat hier geen betekenis heeft. Ga terug naar de applicatie en probeer het opnieuw. Helpt dat niet, meld het dan aan de beheerders van de applicatie.
error-unknown-client-title = Onbekende applicatie
error-unknown-client-lead = De applicatie waar u vandaan komt, is hier niet geregistreerd. Controleer of u van de juiste plaats komt en meld het dan aan de beheerders van de applicatie.
error-bad-redirect-title = Onbekend retouradres
error-bad-redirect-lead = De applicatie wil u naar een adres sturen dat niet voor deze applicatie is geregistreerd. Voor uw veiligheid blijft u hier. Meld het aan de beheerders van de applicatie.
error-bad-redirect-missing = De applicatie heeft niet gezegd naar welk adres u teruggaat. Meld het aan de beheerders van de applicatie.
error-bad-redirect-address = Het adres:
error-bad-redirect-register = De beheerders van deze dienst registreren een adres op deze manier:
error-bad-redirect-localhost = Alleen http://127.0.0.1 en http://[::1] mogen elke poort gebruiken. Registreer dit adres zoals het is, of laat de applicatie http://127.0.0.1 gebruiken.
error-expired-title = Deze link werkt niet meer
error-expired-lead = Er is niets gewijzigd. Ga terug naar de applicatie en begin opnieuw.
error-cross-site-title = Dit formulier is niet van hier afkomstig
error-cross-site-lead = Er is niets gewijzigd. Ga terug naar de applicatie en begin opnieuw. Ziet u dit nog eens, sta dan cookies toe voor deze site.
error-not-found-title = Deze pagina bestaat niet
error-not-found-lead = Controleer het adres, of ga terug naar de applicatie waar u vandaan komt.
error-unavailable-title = Even buiten gebruik
error-unavailable-lead =
    { $seconds ->
        [one] Er is niets verloren. Probeer het over één seconde opnieuw.
       *[other] Er is niets verloren. Probeer het over { $seconds } seconden opnieuw.
    }
error-internal-title = Er is iets misgegaan
error-internal-lead = Het ligt niet aan u. Ga terug en probeer het opnieuw. Helpt dat niet, meld het dan aan de beheerders van deze dienst.
error-reference = Kenmerk:
error-home = Naar de startpagina

help-link = Hulp krijgen

form-post-title = Terug naar de applicatie
form-post-lead = U wordt teruggestuurd naar de applicatie. Gebeurt er niets, druk dan op de knop.
form-post-submit = Doorgaan
