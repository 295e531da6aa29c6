# What people read about a new password on the pages of Tessera, in Italian.

password-lead = Con una nuova password terminano tutte le Sue altre sessioni.
password-current-label = Password attuale
password-new-label = Nuova password
password-submit = Cambia password
password-problem-wrong-current = La password attuale non è corretta. Riprovi.
password-problem-too-short = Usi almeno { $min } caratteri.
password-problem-too-long = Questa password è troppo lunga. Ne scelga una più corta.
password-problem-nul = Questa password contiene un carattere che non si può digitare. Ne scelga un’altra.
password-problem-same-as-old = Questa è la vecchia password. Ne scelga una nuova.
password-problem-like-old = Questa è la vecchia password con piccole modifiche. Ne scelga una nuova.
password-problem-guessable = Questa password è facile da indovinare. Usi più parole che non abbiano nulla a che fare tra loro.
password-problem-breached = Questa password è nota per una violazione di un altro servizio. Ne scelga una che non ha mai usato.
password-problem-not-looked-up = Al momento non è possibile controllare le password. Riprovi più tardi.
