# reviewed: yes (the language in which the pages are written)
language-name = English
direction = ltr

skip = Skip to the main content
leave = Leave this page
rehearsal = Rehearsal. Everything here is made up. Do not enter anything real.
unreviewed = This translation has not been checked by a person yet.
languages = Languages
contact-us = Contact
about-link = How we protect what you tell us
home-link = Start page
back = Back
continue = Continue
optional = optional
optional-page = You can leave out anything you do not know or do not want to say.
problem-title = There is a problem
problem-prefix = Problem
choose-one = Choose one answer.
too-long = Use { $max } characters or fewer.
bad-date = Enter a real date, for example 27 3 2022.
bad-amount = Enter the amount in figures, for example 1250 or 1250.50.
ticket-old = This page had been open for a long time, or was opened twice. Nothing is lost: check your answers and press the button again.
ticket-fast = That was very quick. Please check and press the button again.
trap-label = Leave this field empty

home-title = Were you rung by fraudsters?
home-lead = { $organisation } is telling people whose numbers fraudsters dialled. Here you can check a message, ask about your number, and safely log what happened.
home-check = Check a text message
home-check-hint = You got a text and want to know whether it is genuine.
home-number = Ask whether your number was dialled
home-number-hint = You got no text.
home-report = Log what happened
home-report-hint = Takes about ten minutes. You can stop and come back.
home-return = Come back to what you began
home-return-hint = You need your return code.
emergency = This is no emergency line. If somebody is in danger now, ring { $number }.

check-title = Is this message genuine?
check-announced = What we announced
check-sender = Our texts come from
check-window = They are sent
check-window-value = from { $from } to { $to }, { $hours }
check-texts = The exact wording
check-fake = Anything else is fake. We never ask you to tap a link, to reply, to ring a number, to move money, or to give a code or password.
check-code-title = Enter the code from your text
check-code-label = Code
check-code-hint = 12 letters and figures in three groups, such as BCDF-GHJK-MNPQ.
check-button = Check
check-typing-title = Check your typing
check-typing = This cannot be a code of ours as it is typed. Look at the text again, character by character. We use no vowels and neither 0, 1 nor 5.
check-again = Try again
check-other-title = We cannot confirm this code
check-other = Treat the message as fake, and do not do what it asks. In the UK you can forward it free of charge to 7726. A code also stops working when its time has run out, or when it was entered from many places.

own-title = Your page
own-lead = We sent this code. That alone does not make a message genuine: fraudsters can copy a code. Compare your message with this text, word by word:
own-fake = If your message says anything else, it is fake.
own-next = We will not show here who rang you, which number was dialled, or what you told us earlier.
own-report = Log what happened

number-title = Was my number dialled?
number-lead = We give the same answer to everybody on this page, so that nobody can find out about other people's numbers.
number-how = If your number is on our list, it gets one text, once, at an hour that nobody can foretell. If it is not, you hear nothing.
number-warning = Hang up on anyone who tells you beforehand that such a text will come.
number-label = Your phone number
number-hint = With the country code if it is not a UK number.
number-bad = Enter a phone number with 6 to 15 figures.
number-button = Send
number-done-title = Thank you
number-done = Your number was sealed and passed on. It can be opened only by the investigation team, and not on this website.

start-title = Before you begin
start-crime = Logging details here counts as a crime report.
start-no-crime = Logging details here is not a crime report. We say at the end how to make one.
start-read = Somebody reads it within { $days } days.
start-not-now = Nobody reads it at once. If money is leaving your account now, ring your bank first.
start-sealed = Your answers are sealed as soon as you send them. This website cannot open them again.
start-keep = You get a return code, to stop and come back on any device.
start-button = Begin

q-who = Who are you telling us about?
c-whom-self = Myself
c-whom-other = Somebody else, with their agreement or because they cannot
f-relation = If somebody else: who are they to you?
f-relation-hint = For example: my mother.

q-urgent = Did money move, or did you give away a code or card, in the last 24 hours?
c-moved-yes = Yes
c-moved-no = No
c-moved-unsure = I am not sure

now-title = Ring your bank now
now-lead = Money can often be stopped in the first hours. Use the number on the back of your card, or:
now-later = Your report stays here. Come back to it afterwards.
now-continue = I have done that, or want to go on

q-happened = What happened?
f-story = In your own words
f-story-hint = Do not write any code, PIN or password.

crisis-title = You do not have to carry this alone
crisis-lead = What was done to you is a crime, and it is not your fault. Somebody will listen now, day or night:
crisis-continue = Go on with the report
crisis-words = kill myself|suicid|end my life|want to die|harm myself|hurt myself|better off dead|not want to live|don't want to live|take my own life|end it all|can't go on|no reason to live|want to be dead|don't want to be here|overdose

q-when = When did they ring?
f-call-day = Day of the call
f-call-day-hint = For example, 27 3 2022
day = Day
month = Month
year = Year
f-call-time = About what time?

q-shown = Which number did your phone show?
f-number-shown = Number shown
f-number-shown-hint = It usually belongs to somebody innocent whose number was faked. Do not ring it.

q-claimed = Who did they say they were?
f-claimed-hint = For example a bank, the police, a delivery firm

q-bank = Which bank or account was it about?
f-bank = Name of the bank or service
f-bank-hint = No account numbers, please.

q-loss = Did you lose money?
c-lost-yes = Yes
c-lost-no = No
c-lost-unsure = I am not sure
f-amount = If yes: how much?
f-amount-hint = In figures, all payments together
f-currency = Currency
c-currency-GBP = Pounds (GBP)
c-currency-EUR = Euros (EUR)
c-currency-PLN = Zloty (PLN)
c-currency-other = Another
f-moved-when = When did the money move?

q-secret = Did you give them a code, PIN or password?
q-secret-hint = Do not tell us which.
c-secret-yes = Yes
c-secret-no = No
c-secret-unsure = I am not sure

q-reported = Have you told anybody already?
c-reported-bank = My bank
c-reported-police = The police or a national fraud reporting service
c-reported-other = Somebody else
c-reported-nobody = Nobody
f-reported-reference = Reference you were given

q-contact = How can we reach you?
q-contact-hint = If you leave this empty, we can still use your report, but cannot answer you.
f-name = Name
f-phone = Phone
f-email = E-mail
f-safe = When and how is it safe to reach you?

q-help = Do you need help?
c-help-talk = I would like to talk to somebody
c-help-bank = With my bank
c-help-language = In another language, or in another way
c-help-none = No

q-agree = May we also use your report for this?
q-agree-hint = Tick only what you agree to. It makes no difference to how we treat your report.
c-agree-bank = Pass it to my bank
c-agree-research = Count it, without my name, in research into fraud

files-title = Photos and documents
files-lead = For example screenshots, letters, bank statements. At most { $count } files, of at most { $mb } MB each. Any kind.
files-privacy = Files are sealed as they are, with everything in them. A photo can hold the place and time at which it was taken.
files-label = Choose a file
files-button = Add this file
files-list = Added
files-none = No files added.
files-continue = Continue
files-full = You have added { $count } files, which is the most we can take.
files-too-large = This file is larger than { $mb } MB. Nothing of it was kept; everything else was.
files-empty = Choose a file first.
files-broken = The file did not arrive whole. Nothing of it was kept; everything else was. Please add it again.
files-busy = Many people are sending files. This one was not taken; everything else was kept. Please add it again in a minute.
files-added = File added.
files-remove = Remove
kind-picture = picture
kind-pdf = PDF
kind-text = text
kind-audio = sound
kind-video = video
kind-document = document
kind-other = file
kind-sealed = sealed by your browser

answers-title = Check your answers
answers-change = Change
answers-empty = Not answered
answers-send-title = Send
answers-send = When you press the button, your report is sealed and passed to the investigation team.
answers-button = Seal and send
answers-nothing = Your report is empty. Answer at least one question.

seal-title = Your browser seals your answers.
seal-does = What you enter stays in this browser tab until you press the last button. Then your browser seals it, and only the investigation team can open it. This website does not see it.
seal-not = That does not help if somebody has taken over this website and sends you a changed page, if software spies on your device, or if somebody looks over your shoulder.
seal-without = Begin without sealing in the browser
seal-save = To come back later, what you entered so far is sent to this website and locked there with your return code. This website can see it until it is locked.
seal-save-button = Lock it and show my return code
seal-working = Your browser is sealing and sending. Please wait.
seal-failed = It could not be sent. Nothing is lost: check your connection and press the button again.

sent-title = Your report was sent
sent-reference = Reference, to quote on the phone
sent-what-next = What happens next
sent-next = Somebody reads it within { $days } days. We never ring you to ask for money, codes or passwords.
sent-more = Add something
sent-receipt = Download the receipt
sent-receipt-hint = A signed proof of what we received and when. It tells nothing of what you said.
sent-finish = Finish and clear this device
finish-title = Have you kept your return code?
finish-lead = You have not shown that you kept it. Without it nobody, not even we, can open this report here again.
finish-back = Show me the code again
finish-anyway = Finish all the same
how-title = How to make a crime report
code-title = Your return code
code-lead = Write it down, or take a photo, and keep it to yourself. We do not keep it and cannot give it to you again. Whoever has it can read what you have not sent yet.
code-kept-label = The last four characters of your return code
code-kept-hint = This only checks that you have kept it.
code-kept-button = I have kept it
code-kept-yes = That is right. You can come back with it.
code-kept-no = Those are not its last four characters. Look at the code again.
save-title = Stop here and come back later
save-link = Stop and come back later
save-kept = Your answers are kept, locked with your return code, for { $days } days after your last change.

return-title = Come back
return-label = Return code
return-hint = 20 letters and figures in five groups.
return-button = Open
return-no = No report opens with this code. Check your typing. Reports that were not sent are deleted after { $days } days.
lost-title = No report is open here
lost-lead = Begin a new one, or come back with your return code.

queue-title = One moment, please
queue-lead = Many people are here at once. You have a place; nothing you entered is lost.
queue-wait = Press the button in about { $seconds } seconds.
queue-button = Go on
queue-ready = You can go on now.

about-title = How we protect what you tell us
about-1 = This website holds no list of who was dialled.
about-2 = What you send is sealed at once to keys that are not on this website. Somebody who steals its disks can read nothing.
about-3 = Unfinished reports are locked with your return code, which we do not keep.
about-4 = No page here needs scripts, and nothing is loaded from elsewhere. There are two cookies: one against forged forms, one that holds your return code until you close the browser. Nobody else can read them.
about-5 = Sealing cannot protect against somebody who has taken over this website while you write, against software that spies on your device, or against somebody who looks over your shoulder.
about-6 = "Leave this page" takes you to another site and clears what this device holds. It cannot clear your browser's list of visited pages.
about-7 = Where your browser can, it seals your answers itself, before they leave your device.
about-receipt = Receipts are signed. Anybody can check one with this public key (Ed25519):

missing-title = This page does not exist
missing-lead = Check the address, or go to the start page.
failed-title = We could not take this
failed-lead = Nothing was lost on your side: go back and try again in a few minutes.
refused-title = This form was not sent from this page
refused-lead = Go back to the start page and try again.
