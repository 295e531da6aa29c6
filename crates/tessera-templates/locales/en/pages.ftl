# What people read on the pages of Tessera, in English. Every other language has the same keys. A text that one lacks is in English.

product = Tessera
# How the language is written: ltr or rtl.
direction = ltr

username-label = User name
password-label = Password
# The name of a button that can be on or off.
password-show = Show password

login-title = Sign in
login-lead = Sign in to continue.
login-client = to continue to { $client }
login-submit = Sign in
login-problem-wrong-credentials = That user name and password do not match. Check both and try again.
login-passkey = Use a passkey
login-problem-wrong-passkey = That passkey cannot be used here. Try again, or sign in with your password.
login-problem-ended = Signing in took too long or failed too often. Start again.
login-problem-wait =
    { $seconds ->
        [one] Too many attempts. Wait one second, then try again.
       *[other] Too many attempts. Wait { $seconds } seconds, then try again.
    }
login-problem-busy = Many people are signing in right now. Try again in a few seconds.
login-problem-out-of-date = This page was out of date. Sign in again. If you see this more than once, allow cookies for this site.

passkey-problem = That did not work. Try again, or choose another way.
passkey-needs-script = Passkeys and security keys need JavaScript. Turn it on, or choose another way.

# One more proof after the first one.
step-title = One more step
step-user = You are signing in as { $username }.
step-client = You are signing in as { $username } to continue to { $client }.
step-passkey = Use your passkey or security key.
step-totp = Code from your authenticator app or key fob
step-next-code = The next code of your key fob, if you have not used the fob for a long time
step-recovery-code = One of your recovery codes
step-password = Password
step-submit = Continue
step-use-passkey = Use a passkey or security key
step-use-totp = Use a code from your app or key fob
step-use-recovery-code = Use a recovery code
step-use-password = Use your password
step-again = Sign in as somebody else
step-problem-wrong-passkey = That key cannot be used here. Try again, or choose another way.
step-problem-wrong-code = That code is wrong, or it was used before. Wait for the next code and try again.
step-problem-wrong-recovery-code = That code is wrong, or it was used before. Try another one.
step-problem-wrong-password = That password is wrong. Try again.

accounts-title = Choose an account
accounts-continue = Continue as { $username }
accounts-other = Use another account

consent-title = { $client } wants to use your account
consent-user = You are signed in as { $username }.
consent-other = Use another account
consent-wants = It asks to:
consent-nothing = It asks only to know that it is you.
consent-problem-out-of-date = This page was out of date. Nothing has been decided yet.
scope-openid = Know that it is you
scope-profile = See your name, user name and other details of your profile
scope-email = See your e-mail address
scope-phone = See your phone number
scope-address = See your postal address
scope-groups = See which groups you are in
scope-offline-access = Keep this access while you are away
consent-return = Whatever you choose, you go back to { $host }.
consent-allow = Allow
consent-deny = Do not allow

logout-title = Sign out?
logout-user = You are signed in as { $username }.
logout-lead = Signing out ends your session here and for the applications that use it. Applications that may keep their access while you are away keep it.
logout-submit = Sign out
logout-cancel = Cancel
logout-problem-out-of-date = This page was out of date. You are still signed in.
# Shown for a moment while the page sends itself.
logout-now-title = Signing you out
logout-now-lead = If nothing happens, press the button.

logged-out-title = You are signed out
logged-out-lead = Your session in this browser has ended. You can close this window.
# Nobody was signed in, so nothing was ended.
nobody-title = You are not signed in here
nobody-lead = This browser has no session that could be ended. If another browser is signed in, sign out there.
logged-out-return = Go back to { $client }
logged-out-login = Sign in

home-title = Your account
home-user = You are signed in as { $username }.
home-applications = Applications with access to your account
home-application-since = since { $date }
home-none = No application has access to your account.
home-logout = Sign out
home-account = Ways to sign in

account-title = Ways to sign in
account-home = Back to your account
account-password = Password
account-no-password = Set a password
account-added = added on { $date }
account-used = last used on { $date }
account-recovery-codes = Recovery codes
account-codes-left =
    { $codes ->
        [0] none left
        [one] one left
       *[other] { $codes } left
    }
account-add-passkey = Add a passkey or security key
account-add-totp = Add an authenticator app
account-name-label = Name
account-cancel = Back
account-problem-name = Give it a name of 1 to 60 characters.
account-problem-code = That code is wrong. Wait for the next code of the app and try again.
account-problem-taken = This key is registered already.
account-problem-too-many = You have as many ways to sign in as anybody may have. Remove one first.
account-problem-ceremony = That did not work. Try again.
account-problem-last-factor = This is your last way to sign in. Add another one first.
account-problem-out-of-date = This page was out of date. Nothing has been changed yet.

passkey-lead = Use your phone, your computer or a security key to sign in, safe from phishing.
passkey-submit = Add

totp-lead = Scan this picture with your authenticator app, then type the code that the app shows.
totp-qr = Picture for your authenticator app
totp-secret = Or type this key into the app:
totp-open = Open an app on this device
totp-code-label = Code from the app
totp-submit = Add

codes-lead = Recovery codes let you sign in when you have lost your other ways. Each works once.
codes-replaced =
    { $codes ->
        [one] You have one code left. It stops working when you make new ones.
       *[other] You have { $codes } codes left. They stop working when you make new ones.
    }
codes-submit = Make new codes
codes-made = Print these codes or write them down, and keep them in a safe place. They are shown only now.
codes-done = I have kept them

authenticator-passkey = Passkey
authenticator-security-key = Security key
authenticator-totp = Authenticator app
authenticator-fob = Key fob
authenticator-unknown = Another way to sign in
authenticator-rename = Rename
authenticator-remove = Remove
authenticator-remove-lead = Removing it signs you out everywhere else.
authenticator-of-organization = This key fob belongs to your organization. Only an administrator can remove it.

error-bad-request-title = This request cannot be read
error-bad-request-lead = The application sent something that makes no sense here. Go back to it and try again. If that does not help, tell the people who run it.
error-unknown-client-title = Unknown application
error-unknown-client-lead = The application that sent you is not registered here. Check that you came from the right place, then tell the people who run it.
error-bad-redirect-title = Unknown return address
error-bad-redirect-lead = The application wants to send you to an address that is not registered for it. For your safety you stay here. Tell the people who run it.
error-bad-redirect-missing = The application did not say to which address you go back. Tell the people who run it.
error-bad-redirect-address = The address:
error-bad-redirect-register = Whoever runs this service can register it with:
error-bad-redirect-localhost = Only http://127.0.0.1 and http://[::1] may use any port. Register this address as it is, or let the application use http://127.0.0.1.
error-expired-title = This link does not work any more
error-expired-lead = Nothing has been changed. Go back to the application and start again.
error-cross-site-title = This form did not come from here
error-cross-site-lead = Nothing has been changed. Go back to the application and start again. If you see this again, allow cookies for this site.
error-not-found-title = There is no such page
error-not-found-lead = Check the address, or go back to the application you came from.
error-unavailable-title = Out of service for a moment
error-unavailable-lead =
    { $seconds ->
        [one] Nothing is lost. Try again in one second.
       *[other] Nothing is lost. Try again in { $seconds } seconds.
    }
error-internal-title = Something went wrong
error-internal-lead = It is not your fault. Go back and try again. If that does not help, tell the people who run this service.
error-reference = Reference:
error-home = Go to the start page

# A link to where the people who run this service help.
help-link = Get help

form-post-title = Back to the application
form-post-lead = You are being sent back to the application. If nothing happens, press the button.
form-post-submit = Continue
