# reviewed: no (written by a program, not yet read by a person who speaks the language)
language-name = Cymraeg
direction = ltr

skip = Neidio i'r prif gynnwys
leave = Gadael y dudalen hon
rehearsal = Ymarfer. Mae popeth yma wedi ei ddyfeisio. Peidiwch â rhoi dim byd go iawn.
unreviewed = Nid oes neb wedi gwirio'r cyfieithiad hwn eto.
languages = Ieithoedd
contact-us = Cysylltu
about-link = Sut rydym yn diogelu'r hyn a ddywedwch
home-link = Tudalen gychwyn
back = Yn ôl
continue = Parhau
optional = dewisol
optional-page = Gallwch adael allan unrhyw beth nad ydych yn ei wybod neu nad ydych am ei ddweud.
problem-title = Mae problem
problem-prefix = Problem
choose-one = Dewiswch un ateb.
too-long = Defnyddiwch { $max } nod neu lai.
bad-date = Rhowch ddyddiad go iawn, er enghraifft 27 3 2022.
bad-amount = Rhowch y swm mewn ffigurau, er enghraifft 1250 neu 1250.50.
ticket-old = Bu'r dudalen hon ar agor am amser hir, neu fe'i hagorwyd ddwywaith. Nid oes dim wedi ei golli: gwiriwch eich atebion a phwyswch y botwm eto.
ticket-fast = Roedd hynny'n gyflym iawn. Gwiriwch a phwyswch y botwm eto.
trap-label = Gadewch y maes hwn yn wag

home-title = A wnaeth twyllwyr eich ffonio?
home-lead = Mae { $organisation } yn rhoi gwybod i bobl y deialodd twyllwyr eu rhifau. Yma gallwch wirio neges, holi am eich rhif, a chofnodi'n ddiogel beth ddigwyddodd.
home-check = Gwirio neges destun
home-check-hint = Cawsoch neges ac rydych am wybod a yw'n ddilys.
home-number = Holi a ddeialwyd eich rhif
home-number-hint = Ni chawsoch neges.
home-report = Cofnodi beth ddigwyddodd
home-report-hint = Mae'n cymryd tua deng munud. Gallwch stopio a dod yn ôl.
home-return = Dod yn ôl at yr hyn a ddechreuoch
home-return-hint = Bydd angen eich cod dychwelyd.
emergency = Nid llinell argyfwng yw hon. Os oes rhywun mewn perygl nawr, ffoniwch { $number }.

check-title = A yw'r neges hon yn ddilys?
check-announced = Yr hyn a gyhoeddwyd gennym
check-sender = Daw ein negeseuon gan
check-window = Fe'u hanfonir
check-window-value = o { $from } i { $to }, { $hours }
check-texts = Yr union eiriad
check-fake = Mae unrhyw beth arall yn ffug. Ni fyddwn byth yn gofyn ichi dapio dolen, ateb, ffonio rhif, symud arian, na rhoi cod neu gyfrinair.
check-code-title = Rhowch y cod o'ch neges
check-code-label = Cod
check-code-hint = 12 llythyren a ffigur mewn tri grŵp, megis BCDF-GHJK-MNPQ.
check-button = Gwirio
check-typing-title = Gwiriwch eich teipio
check-typing = Ni all hwn fod yn god gennym ni fel y mae wedi ei deipio. Edrychwch ar y neges eto, nod wrth nod. Nid ydym yn defnyddio llafariaid na 0, 1 na 5.
check-again = Rhoi cynnig arall arni
check-other-title = Ni allwn gadarnhau'r cod hwn
check-other = Dylech drin y neges fel un ffug, a pheidio â gwneud yr hyn mae'n ei ofyn. Yn y DU gallwch ei hanfon ymlaen am ddim i 7726. Mae cod hefyd yn peidio â gweithio pan ddaw ei amser i ben, neu pan gaiff ei roi o lawer o leoedd.

own-title = Eich tudalen chi
own-lead = Anfonwyd y cod hwn gennym ni. Nid yw hynny ynddo'i hun yn gwneud neges yn ddilys: gall twyllwyr gopïo cod. Cymharwch eich neges â'r testun hwn, air am air:
own-fake = Os yw eich neges yn dweud unrhyw beth arall, mae'n ffug.
own-next = Ni fyddwn yn dangos yma pwy a'ch ffoniodd, pa rif a ddeialwyd, na'r hyn a ddywedasoch wrthym o'r blaen.
own-report = Cofnodi beth ddigwyddodd

number-title = A ddeialwyd fy rhif?
number-lead = Rydym yn rhoi'r un ateb i bawb ar y dudalen hon, fel na all neb ddysgu am rifau pobl eraill.
number-how = Os yw eich rhif ar ein rhestr, bydd yn cael un neges, unwaith, ar awr na all neb ei rhagweld. Os nad yw, ni fyddwch yn clywed dim.
number-warning = Rhowch y ffôn i lawr ar unrhyw un sy'n dweud ymlaen llaw y daw neges o'r fath.
number-label = Eich rhif ffôn
number-hint = Gyda chod y wlad os nad yw'n rhif o'r DU.
number-bad = Rhowch rif ffôn â 6 i 15 ffigur.
number-button = Anfon
number-done-title = Diolch
number-done = Cafodd eich rhif ei selio a'i basio ymlaen. Dim ond y tîm ymchwilio all ei agor, ac nid ar y wefan hon.

start-title = Cyn ichi ddechrau
start-crime = Mae cofnodi manylion yma yn cyfrif fel adroddiad trosedd.
start-no-crime = Nid yw cofnodi manylion yma yn adroddiad trosedd. Ar y diwedd dywedwn sut i wneud un.
start-read = Bydd rhywun yn ei ddarllen o fewn { $days } diwrnod.
start-not-now = Nid oes neb yn ei ddarllen ar unwaith. Os yw arian yn gadael eich cyfrif nawr, ffoniwch eich banc yn gyntaf.
start-sealed = Caiff eich atebion eu selio cyn gynted ag y byddwch yn eu hanfon. Ni all y wefan hon eu hagor eto.
start-keep = Cewch god dychwelyd, i stopio a dod yn ôl ar unrhyw ddyfais.
start-button = Dechrau

q-who = Am bwy ydych chi'n dweud wrthym?
c-whom-self = Fi fy hun
c-whom-other = Rhywun arall, gyda'u cytundeb neu am na allant
f-relation = Os rhywun arall: beth yw eich perthynas?
f-relation-hint = Er enghraifft: fy mam.

q-urgent = A symudodd arian, neu a roesoch god neu gerdyn i rywun, yn y 24 awr diwethaf?
c-moved-yes = Do
c-moved-no = Naddo
c-moved-unsure = Nid wyf yn siŵr

now-title = Ffoniwch eich banc nawr
now-lead = Yn aml gellir atal arian yn yr oriau cyntaf. Defnyddiwch y rhif ar gefn eich cerdyn, neu:
now-later = Mae eich adroddiad yn aros yma. Dewch yn ôl ato wedyn.
now-continue = Rwyf wedi gwneud hynny, neu am fynd ymlaen

q-happened = Beth ddigwyddodd?
f-story = Yn eich geiriau eich hun
f-story-hint = Peidiwch ag ysgrifennu unrhyw god, PIN na chyfrinair.

crisis-title = Nid oes rhaid ichi gario hyn ar eich pen eich hun
crisis-lead = Mae'r hyn a wnaed ichi yn drosedd, ac nid eich bai chi ydyw. Bydd rhywun yn gwrando nawr, ddydd neu nos:
crisis-continue = Mynd ymlaen â'r adroddiad
crisis-words = lladd fy hun|hunanladd|eisiau marw|niweidio fy hun|diwedd ar fy mywyd|ddim eisiau byw|kill myself|suicid|want to die|rhoi diwedd ar bopeth|methu mynd ymlaen

q-when = Pryd y gwnaethant ffonio?
f-call-day = Diwrnod yr alwad
f-call-day-hint = Er enghraifft, 27 3 2022
day = Diwrnod
month = Mis
year = Blwyddyn
f-call-time = Tua pha amser?

q-shown = Pa rif a ddangosodd eich ffôn?
f-number-shown = Y rhif a ddangoswyd
f-number-shown-hint = Fel arfer mae'n perthyn i rywun diniwed y ffugiwyd eu rhif. Peidiwch â'i ffonio.

q-claimed = Pwy oeddent yn dweud oeddent?
f-claimed-hint = Er enghraifft banc, yr heddlu, cwmni dosbarthu

q-bank = Pa fanc neu gyfrif oedd dan sylw?
f-bank = Enw'r banc neu'r gwasanaeth
f-bank-hint = Dim rhifau cyfrif, os gwelwch yn dda.

q-loss = A golloch chi arian?
c-lost-yes = Do
c-lost-no = Naddo
c-lost-unsure = Nid wyf yn siŵr
f-amount = Os do: faint?
f-amount-hint = Mewn ffigurau, pob taliad gyda'i gilydd
f-currency = Arian cyfred
c-currency-GBP = Punnoedd (GBP)
c-currency-EUR = Ewros (EUR)
c-currency-PLN = Zloty (PLN)
c-currency-other = Arall
f-moved-when = Pryd symudodd yr arian?

q-secret = A roesoch god, PIN neu gyfrinair iddynt?
q-secret-hint = Peidiwch â dweud wrthym pa un.
c-secret-yes = Do
c-secret-no = Naddo
c-secret-unsure = Nid wyf yn siŵr

q-reported = A ydych wedi dweud wrth rywun yn barod?
c-reported-bank = Fy manc
c-reported-police = Yr heddlu neu wasanaeth adrodd twyll cenedlaethol
c-reported-other = Rhywun arall
c-reported-nobody = Neb
f-reported-reference = Y cyfeirnod a gawsoch

q-contact = Sut gallwn gysylltu â chi?
q-contact-hint = Os gadewch hwn yn wag, gallwn ddefnyddio eich adroddiad o hyd, ond ni allwn eich ateb.
f-name = Enw
f-phone = Ffôn
f-email = E-bost
f-safe = Pryd a sut mae'n ddiogel cysylltu â chi?

q-help = A oes angen cymorth arnoch?
c-help-talk = Hoffwn siarad â rhywun
c-help-bank = Gyda fy manc
c-help-language = Mewn iaith arall, neu mewn ffordd arall
c-help-none = Nac oes

q-agree = A gawn ddefnyddio eich adroddiad ar gyfer hyn hefyd?
q-agree-hint = Ticiwch yr hyn rydych yn cytuno ag ef yn unig. Nid yw'n newid sut rydym yn trin eich adroddiad.
c-agree-bank = Ei basio i fy manc
c-agree-research = Ei gyfrif, heb fy enw, mewn ymchwil i dwyll

files-title = Lluniau a dogfennau
files-lead = Er enghraifft sgrinluniau, llythyrau, cyfriflenni banc. Dim mwy na { $count } ffeil, o { $mb } MB yr un ar y mwyaf. Unrhyw fath.
files-privacy = Caiff ffeiliau eu selio fel y maent, gyda phopeth ynddynt. Gall llun gynnwys y lle a'r amser y'i tynnwyd.
files-label = Dewiswch ffeil
files-button = Ychwanegu'r ffeil hon
files-list = Wedi eu hychwanegu
files-none = Dim ffeiliau wedi eu hychwanegu.
files-continue = Parhau
files-full = Rydych wedi ychwanegu { $count } ffeil, sef y mwyaf y gallwn eu derbyn.
files-too-large = Mae'r ffeil hon yn fwy na { $mb } MB. Ni chadwyd dim ohoni; cadwyd popeth arall.
files-empty = Dewiswch ffeil yn gyntaf.
files-broken = Ni chyrhaeddodd y ffeil yn gyfan. Ni chadwyd dim ohoni; cadwyd popeth arall. Ychwanegwch hi eto.
files-busy = Mae llawer o bobl yn anfon ffeiliau. Ni dderbyniwyd hon; cadwyd popeth arall. Ychwanegwch hi eto ymhen munud.
files-added = Ychwanegwyd y ffeil.
files-remove = Tynnu
kind-picture = llun
kind-pdf = PDF
kind-text = testun
kind-audio = sain
kind-video = fideo
kind-document = dogfen
kind-other = ffeil
kind-sealed = wedi ei selio gan eich porwr

answers-title = Gwiriwch eich atebion
answers-change = Newid
answers-empty = Heb ei ateb
answers-send-title = Anfon
answers-send = Pan bwyswch y botwm, caiff eich adroddiad ei selio a'i basio i'r tîm ymchwilio.
answers-button = Selio ac anfon
answers-nothing = Mae eich adroddiad yn wag. Atebwch o leiaf un cwestiwn.

seal-title = Mae eich porwr yn selio eich atebion.
seal-does = Mae'r hyn a rowch yn aros yn y tab hwn nes ichi bwyso'r botwm olaf. Yna mae eich porwr yn ei selio, a dim ond y tîm ymchwilio all ei agor. Nid yw'r wefan hon yn ei weld.
seal-not = Nid yw hynny'n helpu os yw rhywun wedi meddiannu'r wefan hon ac yn anfon tudalen wedi ei newid atoch, os oes meddalwedd yn ysbïo ar eich dyfais, neu os yw rhywun yn edrych dros eich ysgwydd.
seal-without = Dechrau heb selio yn y porwr
seal-save = I ddod yn ôl yn nes ymlaen, anfonir yr hyn a roesoch hyd yma i'r wefan hon a'i gloi yno â'ch cod dychwelyd. Gall y wefan hon ei weld nes iddo gael ei gloi.
seal-save-button = Ei gloi a dangos fy nghod dychwelyd
seal-working = Mae eich porwr yn selio ac yn anfon. Arhoswch.
seal-failed = Ni ellid ei anfon. Nid oes dim wedi ei golli: gwiriwch eich cysylltiad a phwyswch y botwm eto.

sent-title = Anfonwyd eich adroddiad
sent-reference = Cyfeirnod, i'w ddyfynnu ar y ffôn
sent-what-next = Beth sy'n digwydd nesaf
sent-next = Bydd rhywun yn ei ddarllen o fewn { $days } diwrnod. Ni fyddwn byth yn eich ffonio i ofyn am arian, codau na chyfrineiriau.
sent-more = Ychwanegu rhywbeth
sent-receipt = Lawrlwytho'r dderbynneb
sent-receipt-hint = Prawf wedi ei lofnodi o'r hyn a gawsom a phryd. Nid yw'n dweud dim o'r hyn a ddywedasoch.
sent-finish = Gorffen a chlirio'r ddyfais hon
finish-title = A ydych wedi cadw eich cod dychwelyd?
finish-lead = Nid ydych wedi dangos eich bod wedi ei gadw. Hebddo ni all neb, na ninnau chwaith, agor yr adroddiad hwn yma eto.
finish-back = Dangos y cod eto imi
finish-anyway = Gorffen beth bynnag
how-title = Sut i adrodd trosedd
code-title = Eich cod dychwelyd
code-lead = Ysgrifennwch ef, neu tynnwch lun ohono, a chadwch ef i chi'ch hun. Nid ydym yn ei gadw ac ni allwn ei roi ichi eto. Gall pwy bynnag sydd ag ef ddarllen yr hyn nad ydych wedi ei anfon eto.
code-kept-label = Pedwar nod olaf eich cod dychwelyd
code-kept-hint = Dim ond gwirio eich bod wedi ei gadw y mae hyn.
code-kept-button = Rwyf wedi ei gadw
code-kept-yes = Cywir. Gallwch ddod yn ôl ag ef.
code-kept-no = Nid dyna ei bedwar nod olaf. Edrychwch ar y cod eto.
save-title = Stopio yma a dod yn ôl yn nes ymlaen
save-link = Stopio a dod yn ôl yn nes ymlaen
save-kept = Cedwir eich atebion, wedi eu cloi â'ch cod dychwelyd, am { $days } diwrnod ar ôl eich newid olaf.

return-title = Dod yn ôl
return-label = Cod dychwelyd
return-hint = 20 llythyren a ffigur mewn pum grŵp.
return-button = Agor
return-no = Nid oes adroddiad yn agor â'r cod hwn. Gwiriwch eich teipio. Caiff adroddiadau nas anfonwyd eu dileu ar ôl { $days } diwrnod.
lost-title = Nid oes adroddiad ar agor yma
lost-lead = Dechreuwch un newydd, neu dewch yn ôl â'ch cod dychwelyd.

queue-title = Un eiliad, os gwelwch yn dda
queue-lead = Mae llawer o bobl yma ar unwaith. Mae gennych le; nid oes dim a roesoch wedi ei golli.
queue-wait = Pwyswch y botwm ymhen tua { $seconds } eiliad.
queue-button = Ymlaen
queue-ready = Gallwch fynd ymlaen nawr.

about-title = Sut rydym yn diogelu'r hyn a ddywedwch
about-1 = Nid yw'r wefan hon yn dal rhestr o bwy a ddeialwyd.
about-2 = Caiff yr hyn a anfonwch ei selio ar unwaith i allweddi nad ydynt ar y wefan hon. Ni all rhywun sy'n dwyn ei disgiau ddarllen dim.
about-3 = Mae adroddiadau heb eu gorffen wedi eu cloi â'ch cod dychwelyd, nad ydym yn ei gadw.
about-4 = Nid oes angen sgriptiau ar unrhyw dudalen yma, ac ni lwythir dim o le arall. Mae dau gwci: un yn erbyn ffurflenni ffug, ac un sy'n dal eich cod dychwelyd nes ichi gau'r porwr. Ni all neb arall eu darllen.
about-5 = Ni all selio eich diogelu rhag rhywun sydd wedi meddiannu'r wefan hon wrth ichi ysgrifennu, rhag meddalwedd sy'n ysbïo ar eich dyfais, na rhag rhywun sy'n edrych dros eich ysgwydd.
about-6 = Mae "Gadael y dudalen hon" yn mynd â chi i wefan arall ac yn clirio'r hyn mae'r ddyfais hon yn ei ddal. Ni all glirio rhestr eich porwr o'r tudalennau a welwyd.
about-7 = Lle gall eich porwr, mae'n selio eich atebion ei hun, cyn iddynt adael eich dyfais.
about-receipt = Mae derbynebau wedi eu llofnodi. Gall unrhyw un wirio un â'r allwedd gyhoeddus hon (Ed25519):

missing-title = Nid yw'r dudalen hon yn bodoli
missing-lead = Gwiriwch y cyfeiriad, neu ewch i'r dudalen gychwyn.
failed-title = Ni allem dderbyn hyn
failed-lead = Ni chollwyd dim ar eich ochr chi: ewch yn ôl a rhowch gynnig arall arni ymhen ychydig funudau.
refused-title = Ni anfonwyd y ffurflen hon o'r dudalen hon
refused-lead = Ewch yn ôl i'r dudalen gychwyn a rhowch gynnig arall arni.
