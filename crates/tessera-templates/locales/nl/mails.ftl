# Wat mensen in e-mails van Tessera lezen, in het Nederlands.

mail-not-you = Was u dit, dan hoeft u niets te doen. Was u dit niet, dan gebruikt misschien iemand anders uw account: meld het aan de beheerders van deze dienst.
mail-factor = Manier van inloggen: { $factor }
mail-account = Account: { $account }
mail-when = Tijd: { $when }
mail-address = Netwerkadres: { $address }
mail-browser = Browser: { $browser }
mail-administrator = Gedaan door de beheerders van deze dienst

mail-until = Geldig tot { $when }.
mail-secret = Geef dit aan niemand. De beheerders van deze dienst vragen er nooit om.
mail-not-asked = Hebt u hier niet om gevraagd, negeer dan deze e-mail. Er gebeurt dan niets.

mail-password-changed-subject = Uw wachtwoord is gewijzigd
mail-password-changed-lead = Het wachtwoord van uw account is gewijzigd.
mail-factor-added-subject = Een nieuwe manier van inloggen
mail-factor-added-lead = Uw account heeft een nieuwe manier van inloggen.
mail-factor-removed-subject = Een manier van inloggen is verwijderd
mail-factor-removed-lead = Een manier van inloggen is van uw account verwijderd.
mail-email-changed-subject = Uw e-mailadres is gewijzigd
mail-email-changed-lead = Het e-mailadres van uw account is gewijzigd. Vanaf nu gaan e-mails naar het nieuwe.
mail-recovery-codes-made-subject = Nieuwe herstelcodes
mail-recovery-codes-made-lead = Uw account heeft nieuwe herstelcodes. De oude werken niet meer.

mail-verify-email-subject = Bevestig uw e-mailadres
mail-verify-email-lead = Open deze link om te bevestigen dat het adres van u is:
mail-verify-email-open = Adres bevestigen
mail-reset-password-subject = Kies een nieuw wachtwoord
mail-reset-password-lead = Open deze link om een nieuw wachtwoord te kiezen:
mail-reset-password-open = Wachtwoord kiezen
mail-invitation-subject = Uw uitnodiging
mail-invitation-lead = U kunt hier een account hebben. Open deze link om het te maken:
mail-invitation-open = Account maken
mail-login-link-subject = Uw link om in te loggen
mail-login-link-lead = Open deze link om in te loggen:
mail-login-link-open = Inloggen
mail-login-code-subject = Uw code om in te loggen
mail-login-code-lead = Typ deze code waar u aan het inloggen bent:

mail-test-subject = Test
mail-test-lead = Dit is een test. E-mails gaan de deur uit.
