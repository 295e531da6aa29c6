# What people read on the pages of Tessera, in Italian.

product = Tessera
direction = ltr

username-label = Nome utente
password-label = Password
password-show = Mostra password

login-title = Accedi
login-lead = Acceda per continuare.
login-client = per continuare su { $client }
login-submit = Accedi
login-problem-wrong-credentials = Il nome utente e la password non corrispondono. Li controlli entrambi e riprovi.
login-passkey = Usa una passkey
login-problem-wrong-passkey = Questa passkey non può essere usata qui. Riprovi, oppure acceda con la Sua password.
login-problem-ended = L’accesso ha richiesto troppo tempo o non è riuscito troppe volte. Ricominci.
login-problem-wait =
    { $seconds ->
        [one] Troppi tentativi. Attenda un secondo, poi riprovi.
       *[other] Troppi tentativi. Attenda { $seconds } secondi, poi riprovi.
    }
login-problem-busy = In questo momento molte persone stanno accedendo. Riprovi tra qualche secondo.
login-problem-out-of-date = Questa pagina non era aggiornata. Acceda di nuovo. Se vede questo messaggio più di una volta, consenta i cookie per questo sito.

passkey-problem = Non ha funzionato. Riprovi, oppure scelga un altro modo.
passkey-needs-script = Le passkey e le chiavi di sicurezza richiedono JavaScript. Lo attivi, oppure scelga un altro modo.

# One more proof after the first one.
step-title = Ancora un passaggio
step-user = Sta accedendo come { $username }.
step-client = Sta accedendo come { $username } per continuare su { $client }.
step-passkey = Usi la Sua passkey o la Sua chiave di sicurezza.
step-totp = Codice della Sua app di autenticazione o del Suo token
step-next-code = Il codice successivo del Suo token, se non lo usa da molto tempo
step-recovery-code = Uno dei Suoi codici di recupero
step-password = Password
step-submit = Continua
step-use-passkey = Usa una passkey o una chiave di sicurezza
step-use-totp = Usa un codice della Sua app o del Suo token
step-use-recovery-code = Usa un codice di recupero
step-use-password = Usa la Sua password
step-again = Accedi con un altro account
step-problem-wrong-passkey = Questa chiave non può essere usata qui. Riprovi, oppure scelga un altro modo.
step-problem-wrong-code = Questo codice non è corretto o è già stato usato. Attenda il prossimo codice, poi riprovi.
step-problem-wrong-recovery-code = Questo codice non è corretto o è già stato usato. Ne provi un altro.
step-problem-wrong-password = Questa password non è corretta. Riprovi.

accounts-title = Scelga un account
accounts-continue = Continua come { $username }
accounts-other = Usa un altro account

consent-title = { $client } vuole usare il Suo account
consent-user = Ha effettuato l’accesso come { $username }.
consent-other = Usa un altro account
consent-wants = L’applicazione chiede di:
consent-nothing = L’applicazione chiede solo di sapere che è Lei.
consent-problem-out-of-date = Questa pagina non era aggiornata. Non è stato ancora deciso nulla.
scope-openid = Sapere che è Lei
scope-profile = Vedere il Suo nome, il nome utente e altri dati del Suo profilo
scope-email = Vedere il Suo indirizzo e-mail
scope-phone = Vedere il Suo numero di telefono
scope-address = Vedere il Suo indirizzo postale
scope-groups = Vedere i gruppi di cui fa parte
scope-offline-access = Mantenere questo accesso in Sua assenza
consent-return = Qualunque sia la Sua scelta, tornerà su { $host }.
consent-allow = Consenti
consent-deny = Non consentire

logout-title = Vuole uscire?
logout-user = Ha effettuato l’accesso come { $username }.
logout-lead = Se esce, la Sua sessione termina qui e per le applicazioni che la usano. Le applicazioni che possono mantenere l’accesso in Sua assenza lo mantengono.
logout-submit = Esci
logout-cancel = Annulla
logout-problem-out-of-date = Questa pagina non era aggiornata. La Sua sessione è ancora aperta.
logout-now-title = Uscita in corso
logout-now-lead = Se non succede nulla, prema il pulsante.

logged-out-title = Uscita effettuata
logged-out-lead = La Sua sessione in questo browser è terminata. Può chiudere questa finestra.
nobody-title = Qui non ha effettuato l’accesso
nobody-lead = In questo browser non c’è nessuna sessione da terminare. Se ha effettuato l’accesso in un altro browser, esca da lì.
logged-out-return = Torna a { $client }
logged-out-login = Accedi

home-title = Il Suo account
home-user = Ha effettuato l’accesso come { $username }.
home-applications = Applicazioni con accesso al Suo account
home-application-since = dal { $date }
home-none = Nessuna applicazione ha accesso al Suo account.
home-logout = Esci
home-account = Modalità di accesso

account-title = Modalità di accesso
account-home = Torna al Suo account
account-password = Password
account-no-password = Imposta una password
account-added = aggiunta il { $date }
account-used = usata l’ultima volta il { $date }
account-recovery-codes = Codici di recupero
account-codes-left =
    { $codes ->
        [0] nessuno rimasto
        [one] uno rimasto
       *[other] { $codes } rimasti
    }
account-add-passkey = Aggiungi una passkey o una chiave di sicurezza
account-add-totp = Aggiungi un’app di autenticazione
account-name-label = Nome
account-cancel = Indietro
account-problem-name = Inserisca un nome da 1 a 60 caratteri.
account-problem-code = Questo codice non è corretto. Attenda il prossimo codice dell’app, poi riprovi.
account-problem-taken = Questa chiave è già registrata.
account-problem-too-many = Ha raggiunto il numero massimo di modalità di accesso. Prima ne rimuova una.
account-problem-ceremony = Non ha funzionato. Riprovi.
account-problem-last-factor = Questa è la Sua ultima modalità di accesso. Prima ne aggiunga un’altra.
account-problem-out-of-date = Questa pagina non era aggiornata. Non è stato ancora modificato nulla.

passkey-lead = Usi il telefono, il computer o una chiave di sicurezza per accedere, al riparo dal phishing.
passkey-submit = Aggiungi

totp-lead = Scansioni questa immagine con la Sua app di autenticazione, poi digiti il codice che l’app mostra.
totp-qr = Immagine per la Sua app di autenticazione
totp-secret = Oppure digiti questa chiave nell’app:
totp-open = Apri un’app su questo dispositivo
totp-code-label = Codice dell’app
totp-submit = Aggiungi

codes-lead = I codici di recupero Le permettono di accedere se ha perso le altre modalità di accesso. Ognuno funziona una sola volta.
codes-replaced =
    { $codes ->
        [one] Le rimane un codice. Non funzionerà più quando ne creerà di nuovi.
       *[other] Le rimangono { $codes } codici. Non funzioneranno più quando ne creerà di nuovi.
    }
codes-submit = Crea nuovi codici
codes-made = Stampi questi codici o li annoti, e li conservi in un luogo sicuro. Vengono mostrati solo ora.
codes-done = Li ho conservati

authenticator-passkey = Passkey
authenticator-security-key = Chiave di sicurezza
authenticator-totp = App di autenticazione
authenticator-fob = Token
authenticator-unknown = Altra modalità di accesso
authenticator-rename = Rinomina
authenticator-remove = Rimuovi
authenticator-remove-lead = Se la rimuove, terminano tutte le Sue altre sessioni.
authenticator-of-organization = Questo token appartiene alla Sua organizzazione. Solo un amministratore può rimuoverlo.

error-bad-request-title = Questa richiesta non è leggibile
error-bad-request-lead = L’applicazione ha inviato qualcosa che qui non ha senso. Torni all’applicazione e riprovi. Se non basta, avvisi i gestori dell’applicazione.
error-unknown-client-title = Applicazione sconosciuta
error-unknown-client-lead = L’applicazione da cui proviene non è registrata qui. Controlli che la provenienza sia quella giusta, poi avvisi i gestori dell’applicazione.
error-bad-redirect-title = Indirizzo di ritorno sconosciuto
error-bad-redirect-lead = L’applicazione vuole inviarLa a un indirizzo che non è registrato per essa. Per la Sua sicurezza rimane qui. Avvisi i gestori dell’applicazione.
error-bad-redirect-missing = L’applicazione non ha indicato a quale indirizzo deve tornare. Avvisi i gestori dell’applicazione.
error-bad-redirect-address = L’indirizzo:
error-bad-redirect-register = I gestori di questo servizio registrano un indirizzo così:
error-bad-redirect-localhost = Solo http://127.0.0.1 e http://[::1] possono usare qualsiasi porta. Registri questo indirizzo così com’è, oppure faccia in modo che l’applicazione usi http://127.0.0.1.
error-expired-title = Questo link non funziona più
error-expired-lead = Non è stato modificato nulla. Torni all’applicazione e ricominci.
error-cross-site-title = Questo modulo non proviene da qui
error-cross-site-lead = Non è stato modificato nulla. Torni all’applicazione e ricominci. Se vede di nuovo questo messaggio, consenta i cookie per questo sito.
error-not-found-title = Questa pagina non esiste
error-not-found-lead = Controlli l’indirizzo, oppure torni all’applicazione da cui proviene.
error-unavailable-title = Momentaneamente fuori servizio
error-unavailable-lead =
    { $seconds ->
        [one] Non è andato perso nulla. Riprovi tra un secondo.
       *[other] Non è andato perso nulla. Riprovi tra { $seconds } secondi.
    }
error-internal-title = Qualcosa non ha funzionato
error-internal-lead = Non è colpa Sua. Torni indietro e riprovi. Se non basta, avvisi i gestori di questo servizio.
error-reference = Riferimento:
error-home = Vai alla pagina iniziale

help-link = Assistenza

form-post-title = Ritorno all’applicazione
form-post-lead = Sta tornando all’applicazione. Se non succede nulla, prema il pulsante.
form-post-submit = Continua
