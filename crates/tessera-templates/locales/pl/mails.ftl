# Co ludzie czytają w wiadomościach e-mail Tessery, po polsku.

mail-not-you = Jeśli to Ty, nie musisz nic robić. Jeśli nie, ktoś inny może używać Twojego konta: powiadom osoby prowadzące tę usługę.
mail-factor = Sposób logowania: { $factor }
mail-account = Konto: { $account }
mail-when = Czas: { $when }
mail-address = Adres sieciowy: { $address }
mail-browser = Przeglądarka: { $browser }
mail-administrator = Wykonane przez osoby prowadzące tę usługę

mail-until = Ważne do { $when }.
mail-secret = Nie podawaj tego nikomu. Osoby prowadzące tę usługę nigdy o to nie proszą.
mail-not-asked = Jeśli to nie Twoja prośba, zignoruj tę wiadomość. Nic się wtedy nie stanie.

mail-password-changed-subject = Twoje hasło zostało zmienione
mail-password-changed-lead = Hasło do Twojego konta zostało zmienione.
mail-factor-added-subject = Nowy sposób logowania
mail-factor-added-lead = Twoje konto ma nowy sposób logowania.
mail-factor-removed-subject = Usunięto sposób logowania
mail-factor-removed-lead = Z Twojego konta usunięto sposób logowania.
mail-email-changed-subject = Twój adres e-mail został zmieniony
mail-email-changed-lead = Adres e-mail Twojego konta został zmieniony. Od teraz wiadomości trafiają na nowy.
mail-recovery-codes-made-subject = Nowe kody odzyskiwania
mail-recovery-codes-made-lead = Twoje konto ma nowe kody odzyskiwania. Stare już nie działają.

mail-verify-email-subject = Potwierdź swój adres e-mail
mail-verify-email-lead = Otwórz ten link, aby potwierdzić, że adres należy do Ciebie:
mail-verify-email-open = Potwierdź adres
mail-reset-password-subject = Wybierz nowe hasło
mail-reset-password-lead = Otwórz ten link, aby wybrać nowe hasło:
mail-reset-password-open = Wybierz hasło
mail-invitation-subject = Twoje zaproszenie
mail-invitation-lead = Możesz mieć tutaj konto. Otwórz ten link, aby je utworzyć:
mail-invitation-open = Utwórz konto
mail-login-link-subject = Twój link do logowania
mail-login-link-lead = Otwórz ten link, aby się zalogować:
mail-login-link-open = Zaloguj się
mail-login-code-subject = Twój kod do logowania
mail-login-code-lead = Wpisz ten kod tam, gdzie się logujesz:

mail-test-subject = Test
mail-test-lead = To jest test. Wiadomości wychodzą.
