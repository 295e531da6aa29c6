# Quello che si legge nelle e-mail di Tessera, in italiano.

mail-not-you = Se è stato Lei, non deve fare nulla. Se non è stato Lei, forse qualcun altro sta usando il Suo account: lo dica a chi gestisce questo servizio.
mail-factor = Modo di accesso: { $factor }
mail-account = Account: { $account }
mail-when = Ora: { $when }
mail-address = Indirizzo di rete: { $address }
mail-browser = Browser: { $browser }
mail-administrator = Fatto da chi gestisce questo servizio

mail-until = Valido fino a { $when }.
mail-secret = Non lo dia a nessuno. Chi gestisce questo servizio non lo chiede mai.
mail-not-asked = Se non l’ha chiesto Lei, ignori questa e-mail. Non accadrà nulla.

mail-password-changed-subject = La Sua password è stata cambiata
mail-password-changed-lead = La password del Suo account è stata cambiata.
mail-factor-added-subject = Un nuovo modo di accesso
mail-factor-added-lead = Il Suo account ha un nuovo modo di accesso.
mail-factor-removed-subject = Un modo di accesso è stato rimosso
mail-factor-removed-lead = Un modo di accesso è stato rimosso dal Suo account.
mail-email-changed-subject = Il Suo indirizzo e-mail è stato cambiato
mail-email-changed-lead = L’indirizzo e-mail del Suo account è stato cambiato. D’ora in poi le e-mail vanno a quello nuovo.
mail-recovery-codes-made-subject = Nuovi codici di recupero
mail-recovery-codes-made-lead = Il Suo account ha nuovi codici di recupero. Quelli vecchi non funzionano più.

mail-verify-email-subject = Confermi il Suo indirizzo e-mail
mail-verify-email-lead = Apra questo link per confermare che l’indirizzo è Suo:
mail-verify-email-open = Conferma indirizzo
mail-reset-password-subject = Scelga una nuova password
mail-reset-password-lead = Apra questo link per scegliere una nuova password:
mail-reset-password-open = Scegli password
mail-invitation-subject = Il Suo invito
mail-invitation-lead = Qui può avere un account. Apra questo link per crearlo:
mail-invitation-open = Crea account
mail-login-link-subject = Il Suo link di accesso
mail-login-link-lead = Apra questo link per accedere:
mail-login-link-open = Accedi
mail-login-code-subject = Il Suo codice di accesso
mail-login-code-lead = Scriva questo codice dove sta accedendo:

mail-test-subject = Prova
mail-test-lead = Questa è una prova. Le e-mail partono.
