# What people read about a new password on the pages of Tessera, in Dutch.

password-lead = Met een nieuw wachtwoord wordt u overal elders uitgelogd.
password-current-label = Huidig wachtwoord
password-new-label = Nieuw wachtwoord
password-submit = Wachtwoord wijzigen
password-problem-wrong-current = Het huidige wachtwoord is onjuist. Probeer het opnieuw.
password-problem-too-short = Gebruik ten minste { $min } tekens.
password-problem-too-long = Dit wachtwoord is te lang. Kies een korter wachtwoord.
password-problem-nul = Dit wachtwoord bevat een teken dat niemand kan intypen. Kies een ander wachtwoord.
password-problem-same-as-old = Dit is het oude wachtwoord. Kies een nieuw wachtwoord.
password-problem-like-old = Dit is het oude wachtwoord met kleine wijzigingen. Kies een nieuw wachtwoord.
password-problem-guessable = Dit wachtwoord is gemakkelijk te raden. Gebruik meerdere woorden die niets met elkaar te maken hebben.
password-problem-breached = Dit wachtwoord is bekend uit een datalek bij een andere dienst. Kies een wachtwoord dat u nog nooit hebt gebruikt.
password-problem-not-looked-up = Wachtwoorden kunnen op dit moment niet worden gecontroleerd. Probeer het later opnieuw.
