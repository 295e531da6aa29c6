# What people read in mails of Tessera, in English. Every other language has the same keys. A text that one lacks is in English.

# Something happened to the account of the reader.
mail-not-you = If this was you, there is nothing to do. If it was not you, somebody else may be using your account: tell the people who run this service.
mail-factor = Way of signing in: { $factor }
mail-account = Account: { $account }
mail-when = Time: { $when }
mail-address = Network address: { $address }
mail-browser = Browser: { $browser }
mail-administrator = Done by the people who run this service

# A link or a code.
mail-until = It works until { $when }.
mail-secret = Give it to nobody. The people who run this service never ask for it.
mail-not-asked = If you did not ask for it, ignore this mail. Nothing happens then.

mail-password-changed-subject = Your password was changed
mail-password-changed-lead = The password of your account was changed.
mail-factor-added-subject = A new way of signing in
mail-factor-added-lead = Your account has a new way of signing in.
mail-factor-removed-subject = A way of signing in was removed
mail-factor-removed-lead = A way of signing in was removed from your account.
mail-email-changed-subject = Your e-mail address was changed
mail-email-changed-lead = The e-mail address of your account was changed. From now on, mail goes to the new one.
mail-recovery-codes-made-subject = New recovery codes
mail-recovery-codes-made-lead = Your account has new recovery codes. The old ones do not work any more.

mail-verify-email-subject = Confirm your e-mail address
mail-verify-email-lead = Follow this link to confirm that the address is yours:
mail-verify-email-open = Confirm address
mail-reset-password-subject = Choose a new password
mail-reset-password-lead = Follow this link to choose a new password:
mail-reset-password-open = Choose password
mail-invitation-subject = Your invitation
mail-invitation-lead = You may have an account here. Follow this link to make it:
mail-invitation-open = Make account
mail-login-link-subject = Your link for signing in
mail-login-link-lead = Follow this link to sign in:
mail-login-link-open = Sign in
mail-login-code-subject = Your code for signing in
mail-login-code-lead = Type this code where you are signing in:

mail-test-subject = Test
mail-test-lead = This is a test. Mail goes out.
