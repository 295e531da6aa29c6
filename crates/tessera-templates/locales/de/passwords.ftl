# Was Menschen auf den Seiten von Tessera über ein neues Passwort lesen, auf Deutsch.

password-lead = Mit einem neuen Passwort werden Sie überall sonst abgemeldet.
password-current-label = Aktuelles Passwort
password-new-label = Neues Passwort
password-submit = Passwort ändern
password-problem-wrong-current = Das aktuelle Passwort ist falsch. Bitte versuchen Sie es noch einmal.
password-problem-too-short = Verwenden Sie mindestens { $min } Zeichen.
password-problem-too-long = Dieses Passwort ist zu lang. Wählen Sie ein kürzeres.
password-problem-nul = Dieses Passwort enthält ein Zeichen, das niemand eintippen kann. Wählen Sie ein anderes.
password-problem-same-as-old = Das ist das alte Passwort. Wählen Sie ein neues.
password-problem-like-old = Das ist das alte Passwort mit kleinen Änderungen. Wählen Sie ein neues.
password-problem-guessable = Dieses Passwort ist leicht zu erraten. Verwenden Sie mehrere Wörter, die nichts miteinander zu tun haben.
password-problem-breached = Dieses Passwort ist aus einem Datenleck eines anderen Dienstes bekannt. Wählen Sie eines, das Sie noch nie verwendet haben.
password-problem-not-looked-up = Passwörter können gerade nicht geprüft werden. Bitte versuchen Sie es später noch einmal.
