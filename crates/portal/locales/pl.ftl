# reviewed: no (written by a program, not yet read by a person who speaks the language)
language-name = Polski
direction = ltr

skip = Przejdź do treści
leave = Opuść tę stronę
rehearsal = Próba. Wszystko tutaj jest zmyślone. Nie wpisuj niczego prawdziwego.
unreviewed = Tego tłumaczenia nie sprawdził jeszcze człowiek.
languages = Języki
contact-us = Kontakt
about-link = Jak chronimy to, co nam mówisz
home-link = Strona główna
back = Wstecz
continue = Dalej
optional = nieobowiązkowe
optional-page = Możesz pominąć to, czego nie wiesz lub nie chcesz powiedzieć.
problem-title = Jest problem
problem-prefix = Problem
choose-one = Wybierz jedną odpowiedź.
too-long = Użyj najwyżej { $max } znaków.
bad-date = Wpisz prawdziwą datę, na przykład 27 3 2022.
bad-amount = Wpisz kwotę cyframi, na przykład 1250 lub 1250,50.
ticket-old = Ta strona była długo otwarta albo otwarto ją dwa razy. Nic nie zginęło: sprawdź odpowiedzi i naciśnij przycisk jeszcze raz.
ticket-fast = To było bardzo szybko. Sprawdź i naciśnij przycisk jeszcze raz.
trap-label = Zostaw to pole puste

home-title = Dzwonili do ciebie oszuści?
home-lead = { $organisation } zawiadamia osoby, na których numery dzwonili oszuści. Tutaj możesz sprawdzić wiadomość, zapytać o swój numer i bezpiecznie opisać, co się stało.
home-check = Sprawdź SMS
home-check-hint = Masz SMS i chcesz wiedzieć, czy jest prawdziwy.
home-number = Zapytaj, czy dzwoniono na twój numer
home-number-hint = Nie masz żadnego SMS-a.
home-report = Opisz, co się stało
home-report-hint = Zajmuje około dziesięciu minut. Możesz przerwać i wrócić.
home-return = Wróć do tego, co zaczęte
home-return-hint = Potrzebny jest kod powrotu.
emergency = To nie jest numer alarmowy. Jeśli ktoś jest teraz w niebezpieczeństwie, zadzwoń: { $number }.

check-title = Czy ta wiadomość jest prawdziwa?
check-announced = Co ogłosiliśmy
check-sender = Nasze SMS-y przychodzą od
check-window = Wysyłamy je
check-window-value = od { $from } do { $to }, { $hours }
check-texts = Dokładna treść
check-fake = Wszystko inne jest fałszywe. Nigdy nie prosimy o kliknięcie linku, odpowiedź, telefon pod jakiś numer, przelew ani o podanie kodu lub hasła.
check-code-title = Wpisz kod ze swojego SMS-a
check-code-label = Kod
check-code-hint = 12 liter i cyfr w trzech grupach, na przykład BCDF-GHJK-MNPQ.
check-button = Sprawdź
check-typing-title = Sprawdź pisownię
check-typing = Tak wpisany nie może to być nasz kod. Spójrz jeszcze raz na SMS, znak po znaku. Nie używamy samogłosek ani 0, 1 i 5.
check-again = Spróbuj jeszcze raz
check-other-title = Nie możemy potwierdzić tego kodu
check-other = Uznaj wiadomość za fałszywą i nie rób tego, o co prosi. W Wielkiej Brytanii możesz ją bezpłatnie przesłać na 7726. Kod przestaje też działać, gdy minie jego czas albo gdy wpisywano go z wielu miejsc.

own-title = Twoja strona
own-lead = Ten kod wysłaliśmy my. Samo to nie znaczy, że wiadomość jest prawdziwa: oszuści mogą skopiować kod. Porównaj swoją wiadomość z tym tekstem, słowo po słowie:
own-fake = Jeśli twoja wiadomość mówi coś innego, jest fałszywa.
own-next = Nie pokazujemy tu, kto dzwonił, na jaki numer, ani co nam wcześniej powiedziano.
own-report = Opisz, co się stało

number-title = Czy dzwoniono na mój numer?
number-lead = Na tej stronie każdy dostaje tę samą odpowiedź, żeby nikt nie mógł dowiedzieć się czegoś o cudzych numerach.
number-how = Jeśli twój numer jest na naszej liście, dostaniesz jeden SMS, jeden raz, o godzinie, której nikt nie przewidzi. Jeśli go nie ma, nic nie dostaniesz.
number-warning = Rozłącz się z każdym, kto z góry zapowie taki SMS.
number-label = Twój numer telefonu
number-hint = Z numerem kierunkowym kraju, jeśli nie jest brytyjski.
number-bad = Wpisz numer telefonu, od 6 do 15 cyfr.
number-button = Wyślij
number-done-title = Dziękujemy
number-done = Twój numer został zapieczętowany i przekazany. Może go otworzyć tylko zespół śledczy, i to nie na tej stronie.

start-title = Zanim zaczniesz
start-crime = To, co tu opiszesz, jest zgłoszeniem przestępstwa.
start-no-crime = To, co tu opiszesz, nie jest zgłoszeniem przestępstwa. Na końcu powiemy, jak je złożyć.
start-read = Ktoś przeczyta to w ciągu { $days } dni.
start-not-now = Nikt nie czyta tego od razu. Jeśli pieniądze właśnie znikają z twojego konta, najpierw zadzwoń do banku.
start-sealed = Twoje odpowiedzi są pieczętowane w chwili wysłania. Ta strona nie może ich już otworzyć.
start-keep = Dostaniesz kod powrotu, żeby przerwać i wrócić na dowolnym urządzeniu.
start-button = Zacznij

q-who = O kim nam mówisz?
c-whom-self = O sobie
c-whom-other = O kimś innym, za jego zgodą albo dlatego, że sam nie może
f-relation = Jeśli o kimś innym: kim jest dla ciebie?
f-relation-hint = Na przykład: moja matka.

q-urgent = Czy w ostatnich 24 godzinach zniknęły pieniądze albo podano kod lub kartę?
c-moved-yes = Tak
c-moved-no = Nie
c-moved-unsure = Nie mam pewności

now-title = Zadzwoń teraz do banku
now-lead = W pierwszych godzinach pieniądze często można zatrzymać. Zadzwoń pod numer z tyłu karty albo:
now-later = Twoje zgłoszenie tu zostaje. Wróć do niego później.
now-continue = Zrobione, albo chcę iść dalej

q-happened = Co się stało?
f-story = Własnymi słowami
f-story-hint = Nie wpisuj żadnego kodu, PIN-u ani hasła.

crisis-title = Nie musisz dźwigać tego w samotności
crisis-lead = To, co ci zrobiono, jest przestępstwem i nie jest twoją winą. Ktoś wysłucha cię teraz, w dzień i w nocy:
crisis-continue = Dalej do zgłoszenia
crisis-words = samobój|zabić się|zabiję się|odebrać sobie życie|chcę umrzeć|zrobić sobie krzywdę|nie chcę żyć|nie chce mi się żyć|skończyć ze sobą|nie mam po co żyć|wolę umrzeć

q-when = Kiedy dzwonili?
f-call-day = Dzień rozmowy
f-call-day-hint = Na przykład 27 3 2022
day = Dzień
month = Miesiąc
year = Rok
f-call-time = Mniej więcej o której?

q-shown = Jaki numer pokazał twój telefon?
f-number-shown = Pokazany numer
f-number-shown-hint = Zwykle należy do kogoś niewinnego, czyj numer podrobiono. Nie dzwoń pod niego.

q-claimed = Za kogo się podawali?
f-claimed-hint = Na przykład bank, policja, firma kurierska

q-bank = O jaki bank lub konto chodziło?
f-bank = Nazwa banku lub usługi
f-bank-hint = Prosimy bez numerów kont.

q-loss = Czy straciłaś lub straciłeś pieniądze?
c-lost-yes = Tak
c-lost-no = Nie
c-lost-unsure = Nie mam pewności
f-amount = Jeśli tak: ile?
f-amount-hint = Cyframi, wszystkie wpłaty razem
f-currency = Waluta
c-currency-GBP = Funty (GBP)
c-currency-EUR = Euro (EUR)
c-currency-PLN = Złote (PLN)
c-currency-other = Inna
f-moved-when = Kiedy pieniądze zniknęły?

q-secret = Czy podano im kod, PIN lub hasło?
q-secret-hint = Nie mów nam, jakie.
c-secret-yes = Tak
c-secret-no = Nie
c-secret-unsure = Nie mam pewności

q-reported = Czy ktoś już o tym wie?
c-reported-bank = Mój bank
c-reported-police = Policja lub krajowa służba do spraw oszustw
c-reported-other = Ktoś inny
c-reported-nobody = Nikt
f-reported-reference = Otrzymany numer sprawy

q-contact = Jak możemy się z tobą skontaktować?
q-contact-hint = Jeśli zostawisz to puste, zgłoszenie nadal nam pomoże, ale nie będziemy mogli odpowiedzieć.
f-name = Imię i nazwisko
f-phone = Telefon
f-email = E-mail
f-safe = Kiedy i jak kontakt jest bezpieczny?

q-help = Czy potrzebujesz pomocy?
c-help-talk = Chcę z kimś porozmawiać
c-help-bank = W sprawie mojego banku
c-help-language = W innym języku lub w inny sposób
c-help-none = Nie

q-agree = Czy możemy użyć twojego zgłoszenia także do tego?
q-agree-hint = Zaznacz tylko to, na co się zgadzasz. Nie wpływa to na to, jak traktujemy zgłoszenie.
c-agree-bank = Przekazać je mojemu bankowi
c-agree-research = Policzyć je, bez mojego nazwiska, w badaniach nad oszustwami

files-title = Zdjęcia i dokumenty
files-lead = Na przykład zrzuty ekranu, listy, wyciągi bankowe. Najwyżej { $count } plików, każdy do { $mb } MB. Dowolnego rodzaju.
files-privacy = Pliki są pieczętowane takie, jakie są, ze wszystkim w środku. Zdjęcie może zawierać miejsce i czas wykonania.
files-label = Wybierz plik
files-button = Dodaj ten plik
files-list = Dodane
files-none = Nie dodano plików.
files-continue = Dalej
files-full = Liczba dodanych plików: { $count }. Więcej nie możemy przyjąć.
files-too-large = Ten plik ma więcej niż { $mb } MB. Nic z niego nie zachowano; wszystko inne tak.
files-empty = Najpierw wybierz plik.
files-broken = Plik nie dotarł w całości. Nic z niego nie zachowano; wszystko inne tak. Dodaj go jeszcze raz.
files-busy = Wiele osób wysyła teraz pliki. Tego nie przyjęto; wszystko inne zachowano. Dodaj go ponownie za minutę.
files-added = Plik dodany.
files-remove = Usuń
kind-picture = obraz
kind-pdf = PDF
kind-text = tekst
kind-audio = dźwięk
kind-video = film
kind-document = dokument
kind-other = plik
kind-sealed = zapieczętowany przez przeglądarkę

answers-title = Sprawdź odpowiedzi
answers-change = Zmień
answers-empty = Bez odpowiedzi
answers-send-title = Wyślij
answers-send = Gdy naciśniesz przycisk, zgłoszenie zostanie zapieczętowane i przekazane zespołowi śledczemu.
answers-button = Zapieczętuj i wyślij
answers-nothing = Zgłoszenie jest puste. Odpowiedz na przynajmniej jedno pytanie.

seal-title = Twoja przeglądarka pieczętuje odpowiedzi.
seal-does = To, co wpiszesz, zostaje w tej karcie przeglądarki, dopóki nie naciśniesz ostatniego przycisku. Wtedy przeglądarka to pieczętuje i tylko zespół śledczy może to otworzyć. Ta strona tego nie widzi.
seal-not = To nie pomaga, jeśli ktoś przejął tę stronę i wysyła ci zmienioną, jeśli program szpieguje na twoim urządzeniu albo jeśli ktoś patrzy ci przez ramię.
seal-without = Zacznij bez pieczętowania w przeglądarce
seal-save = Aby można było wrócić później, to, co zostało dotąd wpisane, trafia na tę stronę i zostaje tam zamknięte twoim kodem powrotu. Do chwili zamknięcia ta strona może to widzieć.
seal-save-button = Zamknij i pokaż mój kod powrotu
seal-working = Przeglądarka pieczętuje i wysyła. Proszę czekać.
seal-failed = Nie udało się wysłać. Nic nie przepadło: sprawdź połączenie i naciśnij przycisk jeszcze raz.

sent-title = Zgłoszenie zostało wysłane
sent-reference = Numer sprawy, do podania przez telefon
sent-what-next = Co dalej
sent-next = Ktoś przeczyta je w ciągu { $days } dni. Nigdy nie dzwonimy z prośbą o pieniądze, kody lub hasła.
sent-more = Dodaj coś
sent-receipt = Pobierz potwierdzenie
sent-receipt-hint = Podpisany dowód, co i kiedy dostaliśmy. Nie mówi nic o treści.
sent-finish = Zakończ i wyczyść to urządzenie
finish-title = Czy kod powrotu jest zapisany?
finish-lead = Nie pokazano jeszcze, że kod jest zapisany. Bez niego nikt, nawet my, nie otworzy tu ponownie tego opisu.
finish-back = Pokaż mi kod jeszcze raz
finish-anyway = Mimo to zakończ
how-title = Jak zgłosić przestępstwo
code-title = Twój kod powrotu
code-lead = Zapisz go lub zrób zdjęcie i zachowaj dla siebie. My go nie przechowujemy i nie możemy podać go ponownie. Kto go ma, może przeczytać to, co jeszcze niewysłane.
code-kept-label = Cztery ostatnie znaki kodu powrotu
code-kept-hint = To tylko sprawdza, czy kod jest zapisany.
code-kept-button = Kod jest zapisany
code-kept-yes = Zgadza się. Możesz z nim wrócić.
code-kept-no = To nie są cztery ostatnie znaki. Spójrz na kod jeszcze raz.
save-title = Przerwij tu i wróć później
save-link = Przerwij i wróć później
save-kept = Twoje odpowiedzi są przechowywane, zamknięte kodem powrotu, przez { $days } dni od ostatniej zmiany.

return-title = Wróć
return-label = Kod powrotu
return-hint = 20 liter i cyfr w pięciu grupach.
return-button = Otwórz
return-no = Żadne zgłoszenie nie otwiera się tym kodem. Sprawdź pisownię. Niewysłane zgłoszenia są usuwane po { $days } dniach.
lost-title = Żadne zgłoszenie nie jest tu otwarte
lost-lead = Zacznij nowe albo wróć z kodem powrotu.

queue-title = Chwileczkę
queue-lead = Jest tu teraz wiele osób. Masz swoje miejsce; nic z wpisanych rzeczy nie zginie.
queue-wait = Naciśnij przycisk za około { $seconds } sekund.
queue-button = Dalej
queue-ready = Możesz już przejść dalej.

about-title = Jak chronimy to, co nam mówisz
about-1 = Ta strona nie ma żadnej listy numerów, na które dzwoniono.
about-2 = To, co wysyłasz, jest od razu pieczętowane kluczami, których na tej stronie nie ma. Kto ukradnie jej dyski, nic nie przeczyta.
about-3 = Niedokończone zgłoszenia są zamknięte kodem powrotu, którego nie przechowujemy.
about-4 = Żadna strona nie potrzebuje skryptów i niczego nie wczytuje z zewnątrz. Są dwa pliki cookie: jeden przeciw podrobionym formularzom i jeden, który przechowuje kod powrotu do zamknięcia przeglądarki. Nikt inny nie może ich odczytać.
about-5 = Pieczętowanie nie chroni przed kimś, kto przejął tę stronę, gdy piszesz, przed programem szpiegującym na twoim urządzeniu ani przed kimś, kto patrzy ci przez ramię.
about-6 = „Opuść tę stronę” prowadzi na inną stronę i czyści to, co przechowuje to urządzenie. Nie może wyczyścić historii przeglądarki.
about-7 = Jeśli twoja przeglądarka to potrafi, sama pieczętuje odpowiedzi, zanim opuszczą twoje urządzenie.
about-receipt = Potwierdzenia są podpisane. Każdy może je sprawdzić tym kluczem publicznym (Ed25519):

missing-title = Tej strony nie ma
missing-lead = Sprawdź adres albo przejdź na stronę główną.
failed-title = Nie mogliśmy tego przyjąć
failed-lead = Po twojej stronie nic nie zginęło: wróć i spróbuj ponownie za kilka minut.
refused-title = Ten formularz nie został wysłany z tej strony
refused-lead = Wróć na stronę główną i spróbuj jeszcze raz.
