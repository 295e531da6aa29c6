# What people read about a new password on the pages of Tessera, in English.

password-lead = A new password signs you out everywhere else.
password-current-label = Current password
password-new-label = New password
password-submit = Change the password
password-problem-wrong-current = The current password is wrong. Try again.
password-problem-too-short = Use at least { $min } characters.
password-problem-too-long = This password is too long. Choose a shorter one.
password-problem-nul = This password has a character that cannot be typed. Choose another one.
password-problem-same-as-old = This is the old password. Choose a new one.
password-problem-like-old = This is the old password with small changes. Choose a new one.
password-problem-guessable = This password is easy to guess. Use several words that have nothing to do with each other.
password-problem-breached = This password is known from a breach of another service. Choose one that you have never used.
password-problem-not-looked-up = Passwords cannot be checked at the moment. Please try again later.
