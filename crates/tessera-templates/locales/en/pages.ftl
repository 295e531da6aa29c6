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
login-problem-wait =
    { $seconds ->
        [one] Too many attempts. Wait one second, then try again.
       *[other] Too many attempts. Wait { $seconds } seconds, then try again.
    }
login-problem-busy = Many people are signing in right now. Try again in a few seconds.
login-problem-out-of-date = This page was out of date. Sign in again. If you see this more than once, allow cookies for this site.

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
