# What people read about a new password on the pages of Tessera, in Polish.

password-lead = Ustawienie nowego hasła wyloguje Cię wszędzie indziej.
password-current-label = Obecne hasło
password-new-label = Nowe hasło
password-submit = Zmień hasło
password-problem-wrong-current = Obecne hasło jest nieprawidłowe. Spróbuj ponownie.
password-problem-too-short =
    { $min ->
        [few] Użyj co najmniej { $min } znaki.
       *[other] Użyj co najmniej { $min } znaków.
    }
password-problem-too-long = To hasło jest za długie. Wybierz krótsze.
password-problem-nul = To hasło zawiera znak, którego nie można wpisać. Wybierz inne.
password-problem-same-as-old = To jest stare hasło. Wybierz nowe.
password-problem-like-old = To jest stare hasło z niewielkimi zmianami. Wybierz nowe.
password-problem-guessable = To hasło łatwo odgadnąć. Użyj kilku słów, które nie mają ze sobą nic wspólnego.
password-problem-breached = To hasło jest znane z wycieku danych innej usługi. Wybierz takie, którego jeszcze nie było w użyciu.
password-problem-not-looked-up = W tej chwili nie można sprawdzić haseł. Spróbuj ponownie później.
