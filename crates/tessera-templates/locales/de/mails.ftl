# Was Menschen in E-Mails von Tessera lesen, auf Deutsch.

mail-not-you = Waren Sie das, müssen Sie nichts tun. Waren Sie es nicht, benutzt vielleicht jemand anderes Ihr Konto: Sagen Sie es den Betreibern dieses Dienstes.
mail-factor = Art der Anmeldung: { $factor }
mail-account = Konto: { $account }
mail-when = Zeit: { $when }
mail-address = Netzwerkadresse: { $address }
mail-browser = Browser: { $browser }
mail-administrator = Durch die Betreiber dieses Dienstes

mail-until = Gültig bis { $when }.
mail-secret = Geben Sie das niemandem weiter. Die Betreiber dieses Dienstes fragen nie danach.
mail-not-asked = Haben Sie nicht darum gebeten, beachten Sie diese E-Mail nicht. Dann geschieht nichts.

mail-password-changed-subject = Ihr Passwort wurde geändert
mail-password-changed-lead = Das Passwort Ihres Kontos wurde geändert.
mail-factor-added-subject = Eine neue Art der Anmeldung
mail-factor-added-lead = Ihr Konto hat eine neue Art der Anmeldung.
mail-factor-removed-subject = Eine Art der Anmeldung wurde entfernt
mail-factor-removed-lead = Von Ihrem Konto wurde eine Art der Anmeldung entfernt.
mail-email-changed-subject = Ihre E-Mail-Adresse wurde geändert
mail-email-changed-lead = Die E-Mail-Adresse Ihres Kontos wurde geändert. Ab jetzt gehen E-Mails an die neue.
mail-recovery-codes-made-subject = Neue Wiederherstellungscodes
mail-recovery-codes-made-lead = Ihr Konto hat neue Wiederherstellungscodes. Die alten gelten nicht mehr.

mail-verify-email-subject = Bestätigen Sie Ihre E-Mail-Adresse
mail-verify-email-lead = Öffnen Sie diesen Link, um zu bestätigen, dass die Adresse Ihnen gehört:
mail-verify-email-open = Adresse bestätigen
mail-reset-password-subject = Wählen Sie ein neues Passwort
mail-reset-password-lead = Öffnen Sie diesen Link, um ein neues Passwort zu wählen:
mail-reset-password-open = Passwort wählen
mail-invitation-subject = Ihre Einladung
mail-invitation-lead = Sie können hier ein Konto haben. Öffnen Sie diesen Link, um es anzulegen:
mail-invitation-open = Konto anlegen
mail-login-link-subject = Ihr Link zur Anmeldung
mail-login-link-lead = Öffnen Sie diesen Link, um sich anzumelden:
mail-login-link-open = Anmelden
mail-login-code-subject = Ihr Code zur Anmeldung
mail-login-code-lead = Geben Sie diesen Code dort ein, wo Sie sich gerade anmelden:

mail-test-subject = Test
mail-test-lead = Dies ist ein Test. E-Mails gehen hinaus.
