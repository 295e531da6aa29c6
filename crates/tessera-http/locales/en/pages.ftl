# What people read on the pages of Tessera, in English. Every other language has the same keys.

product = Tessera
direction = ltr

username-label = User name
password-label = Password

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

consent-title = { $client } wants to use your account
consent-user = You are signed in as { $username }.
consent-other = Use another account
consent-wants = It asks to:
consent-nothing = It asks only to know that it is you.
scope-openid = Know that it is you
scope-profile = See your name and user name
scope-email = See your e-mail address
scope-offline-access = Keep this access while you are away
consent-return = Whatever you choose, you go back to { $host }.
consent-allow = Allow
consent-deny = Do not allow

logout-title = Sign out?
logout-user = You are signed in as { $username }. Signing out ends your session here and for the applications that use it.
logout-lead = Signing out ends your session here and for the applications that use it.
logout-submit = Sign out

logged-out-title = You are signed out
logged-out-lead = Your session has ended. You can close this window.

signed-in-title = You are signed in
signed-in-user = Signed in as { $username }. You can close this window, or go back to the application you came from.
signed-in-logout = Sign out

error-bad-request-title = This request cannot be read
error-bad-request-lead = The application sent something that makes no sense here. Go back to it and try again. If that does not help, tell the people who run it.
error-unknown-client-title = Unknown application
error-unknown-client-lead = The application that sent you is not registered here. Check that you came from the right place, then tell the people who run it.
error-bad-redirect-title = Unknown return address
error-bad-redirect-lead = The application wants to send you to an address that is not registered for it. For your safety you stay here. Tell the people who run it.
error-expired-title = This took too long
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

form-post-title = Back to the application
form-post-lead = You are being sent back to the application. If nothing happens, press the button.
form-post-submit = Continue
