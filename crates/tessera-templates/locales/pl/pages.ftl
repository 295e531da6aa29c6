# What people read on the pages of Tessera, in Polish.

product = Tessera
direction = ltr

username-label = Nazwa użytkownika
password-label = Hasło
password-show = Pokaż hasło

login-title = Zaloguj się
login-lead = Zaloguj się, aby kontynuować.
login-client = aby przejść do aplikacji { $client }
login-submit = Zaloguj się
login-problem-wrong-credentials = Nazwa użytkownika i hasło nie pasują do siebie. Sprawdź jedno i drugie i spróbuj ponownie.
login-passkey = Użyj klucza dostępu
login-problem-wrong-passkey = Tego klucza dostępu nie można tu użyć. Spróbuj ponownie albo zaloguj się za pomocą hasła.
login-problem-ended = Logowanie trwało zbyt długo albo zbyt wiele razy się nie powiodło. Zacznij od nowa.
login-problem-wait =
    { $seconds ->
        [one] Zbyt wiele prób. Odczekaj jedną sekundę i spróbuj ponownie.
        [few] Zbyt wiele prób. Odczekaj { $seconds } sekundy i spróbuj ponownie.
        [many] Zbyt wiele prób. Odczekaj { $seconds } sekund i spróbuj ponownie.
       *[other] Zbyt wiele prób. Odczekaj { $seconds } sekundy i spróbuj ponownie.
    }
login-problem-busy = W tej chwili loguje się wiele osób. Spróbuj ponownie za kilka sekund.
login-problem-out-of-date = Ta strona była nieaktualna. Zaloguj się ponownie. Jeśli ten komunikat się powtarza, zezwól tej witrynie na pliki cookie.

passkey-problem = Nie udało się. Spróbuj ponownie albo wybierz inny sposób.
passkey-needs-script = Klucze dostępu i klucze bezpieczeństwa wymagają JavaScriptu. Włącz go albo wybierz inny sposób.

# One more proof after the first one.
step-title = Jeszcze jeden krok
step-user = Logujesz się jako { $username }.
step-client = Logujesz się jako { $username }, aby przejść do aplikacji { $client }.
step-passkey = Użyj swojego klucza dostępu lub klucza bezpieczeństwa.
step-totp = Kod z Twojej aplikacji uwierzytelniającej lub z tokena
step-next-code = Następny kod z Twojego tokena, jeśli dawno go nie używano
step-recovery-code = Jeden z Twoich kodów odzyskiwania
step-password = Hasło
step-submit = Kontynuuj
step-use-passkey = Użyj klucza dostępu lub klucza bezpieczeństwa
step-use-totp = Użyj kodu z aplikacji uwierzytelniającej lub z tokena
step-use-recovery-code = Użyj kodu odzyskiwania
step-use-password = Użyj hasła
step-again = Zaloguj się na inne konto
step-problem-wrong-passkey = Tego klucza nie można tu użyć. Spróbuj ponownie albo wybierz inny sposób.
step-problem-wrong-code = Ten kod jest nieprawidłowy albo został już użyty. Poczekaj na następny kod i spróbuj ponownie.
step-problem-wrong-recovery-code = Ten kod jest nieprawidłowy albo został już użyty. Spróbuj użyć innego.
step-problem-wrong-password = To hasło jest nieprawidłowe. Spróbuj ponownie.

accounts-title = Wybierz konto
accounts-continue = Kontynuuj jako { $username }
accounts-other = Użyj innego konta

consent-title = { $client } chce korzystać z Twojego konta
consent-user = Zalogowano jako { $username }.
consent-other = Użyj innego konta
consent-wants = Aplikacja chce:
consent-nothing = Aplikacja chce tylko wiedzieć, że to Ty.
consent-problem-out-of-date = Ta strona była nieaktualna. Nie podjęto jeszcze żadnej decyzji.
scope-openid = Wiedzieć, że to Ty
scope-profile = Widzieć Twoje imię i nazwisko, nazwę użytkownika i inne dane profilu
scope-email = Widzieć Twój adres e-mail
scope-phone = Widzieć Twój numer telefonu
scope-address = Widzieć Twój adres pocztowy
scope-groups = Widzieć, do których grup należysz
scope-offline-access = Zachować ten dostęp pod Twoją nieobecność
consent-return = Bez względu na wybór wrócisz pod adres { $host }.
consent-allow = Zezwól
consent-deny = Nie zezwalaj

logout-title = Wylogować się?
logout-user = Zalogowano jako { $username }.
logout-lead = Wylogowanie kończy Twoją sesję tutaj i w aplikacjach, które z niej korzystają. Aplikacje, które mogą zachować dostęp pod Twoją nieobecność, zachowają go.
logout-submit = Wyloguj się
logout-cancel = Anuluj
logout-problem-out-of-date = Ta strona była nieaktualna. Twoja sesja nadal trwa.
logout-now-title = Trwa wylogowywanie
logout-now-lead = Jeśli nic się nie dzieje, naciśnij przycisk.

logged-out-title = Wylogowano
logged-out-lead = Twoja sesja w tej przeglądarce została zakończona. Możesz zamknąć to okno.
nobody-title = Nikt nie jest tu zalogowany
nobody-lead = W tej przeglądarce nie ma sesji, którą można zakończyć. Jeśli Twoja sesja trwa w innej przeglądarce, wyloguj się tam.
logged-out-return = Wróć do aplikacji { $client }
logged-out-login = Zaloguj się

home-title = Twoje konto
home-user = Zalogowano jako { $username }.
home-applications = Aplikacje z dostępem do Twojego konta
home-application-since = od { $date }
home-none = Żadna aplikacja nie ma dostępu do Twojego konta.
home-logout = Wyloguj się
home-account = Sposoby logowania

account-title = Sposoby logowania
account-home = Wróć do swojego konta
account-password = Hasło
account-no-password = Ustaw hasło
account-added = dodano { $date }
account-used = ostatnio użyto { $date }
account-recovery-codes = Kody odzyskiwania
account-codes-left =
    { $codes ->
        [0] nie pozostał żaden
        [one] pozostał jeden
        [few] pozostały { $codes }
        [many] pozostało { $codes }
       *[other] pozostało { $codes }
    }
account-add-passkey = Dodaj klucz dostępu lub klucz bezpieczeństwa
account-add-totp = Dodaj aplikację uwierzytelniającą
account-name-label = Nazwa
account-cancel = Wróć
account-problem-name = Podaj nazwę o długości od 1 do 60 znaków.
account-problem-code = Ten kod jest nieprawidłowy. Poczekaj na następny kod z aplikacji i spróbuj ponownie.
account-problem-taken = Ten klucz jest już zarejestrowany.
account-problem-too-many = Masz już największą dozwoloną liczbę sposobów logowania. Najpierw usuń jeden z nich.
account-problem-ceremony = Nie udało się. Spróbuj ponownie.
account-problem-last-factor = To Twój ostatni sposób logowania. Najpierw dodaj inny.
account-problem-out-of-date = Ta strona była nieaktualna. Nic nie zostało jeszcze zmienione.

passkey-lead = Używaj telefonu, komputera lub klucza bezpieczeństwa, aby logować się z ochroną przed phishingiem.
passkey-submit = Dodaj

totp-lead = Zeskanuj ten obraz aplikacją uwierzytelniającą, a potem wpisz kod, który pokaże aplikacja.
totp-qr = Obraz dla aplikacji uwierzytelniającej
totp-secret = Albo wpisz ten klucz w aplikacji:
totp-open = Otwórz aplikację na tym urządzeniu
totp-code-label = Kod z aplikacji
totp-submit = Dodaj

codes-lead = Kody odzyskiwania pozwalają zalogować się po utracie innych sposobów logowania. Każdy działa tylko raz.
codes-replaced =
    { $codes ->
        [one] Pozostał Ci jeden kod. Przestanie działać, gdy utworzysz nowe.
        [few] Pozostały Ci { $codes } kody. Przestaną działać, gdy utworzysz nowe.
        [many] Pozostało Ci { $codes } kodów. Przestaną działać, gdy utworzysz nowe.
       *[other] Pozostało Ci { $codes } kodu. Przestaną działać, gdy utworzysz nowe.
    }
codes-submit = Utwórz nowe kody
codes-made = Wydrukuj te kody albo zapisz je i przechowuj w bezpiecznym miejscu. Są pokazywane tylko teraz.
codes-done = Mam je zapisane

authenticator-passkey = Klucz dostępu
authenticator-security-key = Klucz bezpieczeństwa
authenticator-totp = Aplikacja uwierzytelniająca
authenticator-fob = Token
authenticator-unknown = Inny sposób logowania
authenticator-rename = Zmień nazwę
authenticator-remove = Usuń
authenticator-remove-lead = Usunięcie wyloguje Cię wszędzie indziej.
authenticator-of-organization = Ten token należy do Twojej organizacji. Tylko administrator może go usunąć.

error-bad-request-title = Nie można odczytać tego żądania
error-bad-request-lead = Aplikacja przesłała coś, co nie ma tu sensu. Wróć do aplikacji i spróbuj ponownie. Jeśli to nie pomoże, powiadom administratorów aplikacji.
error-unknown-client-title = Nieznana aplikacja
error-unknown-client-lead = Aplikacja, która Cię tu skierowała, nie jest tu zarejestrowana. Sprawdź, czy to właściwa aplikacja, a potem powiadom jej administratorów.
error-bad-redirect-title = Nieznany adres powrotu
error-bad-redirect-lead = Aplikacja chce Cię skierować pod adres, który nie jest dla niej zarejestrowany. Dla bezpieczeństwa pozostajesz tutaj. Powiadom administratorów aplikacji.
error-bad-redirect-missing = Aplikacja nie podała adresu powrotu. Powiadom administratorów aplikacji.
error-bad-redirect-address = Adres:
error-bad-redirect-register = Administratorzy tej usługi rejestrują adres w ten sposób:
error-bad-redirect-localhost = Tylko http://127.0.0.1 i http://[::1] mogą używać dowolnego portu. Zarejestruj ten adres bez zmian albo spraw, aby aplikacja używała http://127.0.0.1.
error-expired-title = Ten link już nie działa
error-expired-lead = Nic nie zostało zmienione. Wróć do aplikacji i zacznij od nowa.
error-cross-site-title = Ten formularz nie pochodzi stąd
error-cross-site-lead = Nic nie zostało zmienione. Wróć do aplikacji i zacznij od nowa. Jeśli ten komunikat się powtórzy, zezwól tej witrynie na pliki cookie.
error-not-found-title = Nie ma takiej strony
error-not-found-lead = Sprawdź adres albo wróć do poprzedniej aplikacji.
error-unavailable-title = Chwilowa przerwa w działaniu
error-unavailable-lead =
    { $seconds ->
        [one] Nic nie zostało utracone. Spróbuj ponownie za jedną sekundę.
        [few] Nic nie zostało utracone. Spróbuj ponownie za { $seconds } sekundy.
        [many] Nic nie zostało utracone. Spróbuj ponownie za { $seconds } sekund.
       *[other] Nic nie zostało utracone. Spróbuj ponownie za { $seconds } sekundy.
    }
error-internal-title = Coś poszło nie tak
error-internal-lead = To nie Twoja wina. Wróć i spróbuj ponownie. Jeśli to nie pomoże, powiadom administratorów tej usługi.
error-reference = Identyfikator:
error-home = Przejdź do strony głównej

help-link = Uzyskaj pomoc

form-post-title = Powrót do aplikacji
form-post-lead = Trwa powrót do aplikacji. Jeśli nic się nie dzieje, naciśnij przycisk.
form-post-submit = Kontynuuj
