# reviewed: no (written by a program, not yet read by a person who speaks the language)
language-name = Español
direction = ltr

skip = Ir al contenido principal
leave = Salir de esta página
rehearsal = Ensayo. Todo lo que hay aquí es inventado. No escriba nada real.
unreviewed = Ninguna persona ha revisado todavía esta traducción.
languages = Idiomas
contact-us = Contacto
about-link = Cómo protegemos lo que nos cuenta
home-link = Página de inicio
back = Atrás
continue = Continuar
optional = opcional
optional-page = Puede omitir lo que no sepa o no quiera decir.
problem-title = Hay un problema
problem-prefix = Problema
choose-one = Elija una respuesta.
too-long = Use { $max } caracteres o menos.
bad-date = Escriba una fecha real, por ejemplo 27 3 2022.
bad-amount = Escriba la cantidad en cifras, por ejemplo 1250 o 1250,50.
ticket-old = Esta página llevaba mucho tiempo abierta o se abrió dos veces. No se ha perdido nada: compruebe sus respuestas y pulse el botón otra vez.
ticket-fast = Eso ha sido muy rápido. Compruebe y pulse el botón otra vez.
trap-label = Deje este campo vacío

home-title = ¿Le llamaron unos estafadores?
home-lead = { $organisation } avisa a las personas a cuyos números llamaron unos estafadores. Aquí puede comprobar un mensaje, preguntar por su número y contar de forma segura lo que pasó.
home-check = Comprobar un mensaje de texto
home-check-hint = Ha recibido un mensaje y quiere saber si es auténtico.
home-number = Preguntar si llamaron a su número
home-number-hint = No ha recibido ningún mensaje.
home-report = Contar lo que pasó
home-report-hint = Lleva unos diez minutos. Puede parar y volver.
home-return = Volver a lo que empezó
home-return-hint = Necesita su código de retorno.
emergency = Esto no es una línea de emergencia. Si alguien está en peligro ahora, llame al { $number }.

check-title = ¿Es auténtico este mensaje?
check-announced = Lo que anunciamos
check-sender = Nuestros mensajes vienen de
check-window = Se envían
check-window-value = del { $from } al { $to }, { $hours }
check-texts = El texto exacto
check-fake = Todo lo demás es falso. Nunca le pedimos que pulse un enlace, que responda, que llame a un número, que mueva dinero ni que dé un código o una contraseña.
check-code-title = Escriba el código de su mensaje
check-code-label = Código
check-code-hint = 12 letras y cifras en tres grupos, como BCDF-GHJK-MNPQ.
check-button = Comprobar
check-typing-title = Revise lo que ha escrito
check-typing = Tal como está escrito, no puede ser un código nuestro. Mire otra vez el mensaje, carácter por carácter. No usamos vocales ni 0, 1 o 5.
check-again = Probar otra vez
check-other-title = No podemos confirmar este código
check-other = Considere falso el mensaje y no haga lo que pide. En el Reino Unido puede reenviarlo gratis al 7726. Un código también deja de valer cuando vence su plazo o cuando se ha escrito desde muchos lugares.

own-title = Su página
own-lead = Este código lo enviamos nosotros. Solo con eso un mensaje no es auténtico: los estafadores pueden copiar un código. Compare su mensaje con este texto, palabra por palabra:
own-fake = Si su mensaje dice otra cosa, es falso.
own-next = Aquí no mostramos quién le llamó, a qué número, ni lo que nos contó antes.
own-report = Contar lo que pasó

number-title = ¿Llamaron a mi número?
number-lead = En esta página damos la misma respuesta a todos, para que nadie pueda averiguar nada sobre números ajenos.
number-how = Si su número está en nuestra lista, recibirá un mensaje, una sola vez, a una hora que nadie puede prever. Si no está, no recibirá nada.
number-warning = Cuelgue a quien le diga de antemano que va a llegar ese mensaje.
number-label = Su número de teléfono
number-hint = Con el prefijo del país si no es un número del Reino Unido.
number-bad = Escriba un número de teléfono de 6 a 15 cifras.
number-button = Enviar
number-done-title = Gracias
number-done = Su número se ha sellado y transmitido. Solo puede abrirlo el equipo de investigación, y no en este sitio web.

start-title = Antes de empezar
start-crime = Lo que cuente aquí vale como denuncia.
start-no-crime = Lo que cuente aquí no es una denuncia. Al final le decimos cómo ponerla.
start-read = Alguien lo lee en un plazo de { $days } días.
start-not-now = Nadie lo lee al momento. Si ahora mismo sale dinero de su cuenta, llame primero a su banco.
start-sealed = Sus respuestas se sellan en cuanto las envía. Este sitio web no puede volver a abrirlas.
start-keep = Recibirá un código de retorno para parar y volver desde cualquier dispositivo.
start-button = Empezar

q-who = ¿De quién nos habla?
c-whom-self = De mí
c-whom-other = De otra persona, con su acuerdo o porque no puede
f-relation = Si es otra persona: ¿qué relación tiene con usted?
f-relation-hint = Por ejemplo: mi madre.

q-urgent = ¿Se movió dinero, o dio usted un código o una tarjeta, en las últimas 24 horas?
c-moved-yes = Sí
c-moved-no = No
c-moved-unsure = No lo sé con seguridad

now-title = Llame ahora a su banco
now-lead = En las primeras horas muchas veces se puede detener el dinero. Use el número del dorso de su tarjeta, o:
now-later = Su relato se queda aquí. Vuelva a él después.
now-continue = Ya lo he hecho, o quiero seguir

q-happened = ¿Qué pasó?
f-story = Con sus propias palabras
f-story-hint = No escriba ningún código, PIN ni contraseña.

crisis-title = No tiene que llevar esto a solas
crisis-lead = Lo que le hicieron es un delito y no es culpa suya. Alguien le escucha ahora, de día y de noche:
crisis-continue = Seguir con el relato
crisis-words = suicid|matarme|quitarme la vida|quiero morir|hacerme daño|no quiero vivir|acabar con mi vida|no puedo más|prefiero morir|ganas de vivir

q-when = ¿Cuándo llamaron?
f-call-day = Día de la llamada
f-call-day-hint = Por ejemplo, 27 3 2022
day = Día
month = Mes
year = Año
f-call-time = ¿A qué hora, más o menos?

q-shown = ¿Qué número mostró su teléfono?
f-number-shown = Número mostrado
f-number-shown-hint = Suele ser de una persona inocente cuyo número fue falsificado. No lo llame.

q-claimed = ¿Quién dijeron que eran?
f-claimed-hint = Por ejemplo un banco, la policía, una empresa de reparto

q-bank = ¿De qué banco o cuenta se trataba?
f-bank = Nombre del banco o servicio
f-bank-hint = Sin números de cuenta, por favor.

q-loss = ¿Perdió dinero?
c-lost-yes = Sí
c-lost-no = No
c-lost-unsure = No lo sé con seguridad
f-amount = Si es así: ¿cuánto?
f-amount-hint = En cifras, todos los pagos juntos
f-currency = Moneda
c-currency-GBP = Libras (GBP)
c-currency-EUR = Euros (EUR)
c-currency-PLN = Eslotis (PLN)
c-currency-other = Otra
f-moved-when = ¿Cuándo se movió el dinero?

q-secret = ¿Les dio un código, PIN o contraseña?
q-secret-hint = No nos diga cuál.
c-secret-yes = Sí
c-secret-no = No
c-secret-unsure = No lo sé con seguridad

q-reported = ¿Se lo ha contado ya a alguien?
c-reported-bank = A mi banco
c-reported-police = A la policía o a un servicio nacional contra el fraude
c-reported-other = A otra persona
c-reported-nobody = A nadie
f-reported-reference = Referencia que le dieron

q-contact = ¿Cómo podemos localizarle?
q-contact-hint = Si lo deja vacío, su relato nos sirve igual, pero no podemos responderle.
f-name = Nombre
f-phone = Teléfono
f-email = Correo electrónico
f-safe = ¿Cuándo y cómo es seguro localizarle?

q-help = ¿Necesita ayuda?
c-help-talk = Me gustaría hablar con alguien
c-help-bank = Con mi banco
c-help-language = En otro idioma o de otra manera
c-help-none = No

q-agree = ¿Podemos usar su relato también para esto?
q-agree-hint = Marque solo aquello con lo que esté de acuerdo. No cambia en nada cómo tratamos su relato.
c-agree-bank = Pasarlo a mi banco
c-agree-research = Contarlo, sin mi nombre, en estudios sobre el fraude

files-title = Fotos y documentos
files-lead = Por ejemplo capturas de pantalla, cartas, extractos. Como máximo { $count } archivos de { $mb } MB cada uno. De cualquier tipo.
files-privacy = Los archivos se sellan tal como son, con todo su contenido. Una foto puede contener el lugar y la hora en que se hizo.
files-label = Elija un archivo
files-button = Añadir este archivo
files-list = Añadidos
files-none = No hay archivos.
files-continue = Continuar
files-full = Ha añadido { $count } archivos, el máximo que podemos aceptar.
files-too-large = Este archivo pasa de { $mb } MB. No se ha guardado nada de él; todo lo demás, sí.
files-empty = Elija primero un archivo.
files-broken = El archivo no llegó entero. No se ha guardado nada de él; todo lo demás, sí. Añádalo otra vez.
files-busy = Muchas personas están enviando archivos. Este no se ha recibido; todo lo demás, sí. Añádalo otra vez dentro de un minuto.
files-added = Archivo añadido.
files-remove = Quitar
kind-picture = imagen
kind-pdf = PDF
kind-text = texto
kind-audio = sonido
kind-video = vídeo
kind-document = documento
kind-other = archivo
kind-sealed = sellado por su navegador

answers-title = Compruebe sus respuestas
answers-change = Cambiar
answers-empty = Sin respuesta
answers-send-title = Enviar
answers-send = Al pulsar el botón, su relato se sella y se transmite al equipo de investigación.
answers-button = Sellar y enviar
answers-nothing = Su relato está vacío. Responda al menos a una pregunta.

seal-title = Su navegador sella sus respuestas.
seal-does = Lo que escribe se queda en esta pestaña hasta que pulse el último botón. Entonces su navegador lo sella, y solo el equipo de investigación puede abrirlo. Este sitio web no lo ve.
seal-not = Eso no sirve si alguien se ha apoderado de este sitio web y le envía una página cambiada, si un programa espía su dispositivo o si alguien mira por encima de su hombro.
seal-without = Empezar sin sellar en el navegador
seal-save = Para volver más tarde, lo que ha escrito hasta ahora se envía a este sitio web y se guarda allí bajo llave con su código de retorno. Este sitio web puede verlo hasta que queda bajo llave.
seal-save-button = Guardarlo bajo llave y mostrar mi código
seal-working = Su navegador está sellando y enviando. Espere, por favor.
seal-failed = No se ha podido enviar. No se ha perdido nada: compruebe la conexión y pulse el botón otra vez.

sent-title = Su relato se ha enviado
sent-reference = Referencia, para decirla por teléfono
sent-what-next = Qué pasa ahora
sent-next = Alguien lo lee en un plazo de { $days } días. Nunca le llamamos para pedir dinero, códigos ni contraseñas.
sent-more = Añadir algo
sent-receipt = Descargar el recibo
sent-receipt-hint = Una prueba firmada de lo que recibimos y cuándo. No dice nada de lo que contó.
sent-finish = Terminar y limpiar este dispositivo
finish-title = ¿Ha guardado su código de retorno?
finish-lead = No ha mostrado que lo ha guardado. Sin él nadie, ni siquiera nosotros, puede volver a abrir aquí este informe.
finish-back = Mostrarme el código otra vez
finish-anyway = Terminar de todos modos
how-title = Cómo poner una denuncia
code-title = Su código de retorno
code-lead = Apúntelo o hágale una foto, y guárdelo para usted. Nosotros no lo guardamos ni podemos dárselo otra vez. Quien lo tenga puede leer lo que aún no haya enviado.
code-kept-label = Los cuatro últimos caracteres de su código de retorno
code-kept-hint = Esto solo comprueba que lo ha guardado.
code-kept-button = Lo he guardado
code-kept-yes = Correcto. Con él puede volver.
code-kept-no = Esos no son sus cuatro últimos caracteres. Mire otra vez el código.
save-title = Parar aquí y volver más tarde
save-link = Parar y volver más tarde
save-kept = Sus respuestas se guardan, cerradas con su código de retorno, { $days } días desde su último cambio.

return-title = Volver
return-label = Código de retorno
return-hint = 20 letras y cifras en cinco grupos.
return-button = Abrir
return-no = Ningún relato se abre con este código. Revise lo que ha escrito. Los relatos no enviados se borran a los { $days } días.
lost-title = Aquí no hay ningún relato abierto
lost-lead = Empiece uno nuevo, o vuelva con su código de retorno.

queue-title = Un momento, por favor
queue-lead = Hay muchas personas a la vez. Tiene su turno; no se pierde nada de lo que ha escrito.
queue-wait = Pulse el botón dentro de unos { $seconds } segundos.
queue-button = Seguir
queue-ready = Ya puede seguir.

about-title = Cómo protegemos lo que nos cuenta
about-1 = Este sitio web no tiene ninguna lista de los números marcados.
about-2 = Lo que envía se sella al momento con claves que no están en este sitio web. Quien robe sus discos no puede leer nada.
about-3 = Los relatos sin terminar están cerrados con su código de retorno, que no guardamos.
about-4 = Ninguna página necesita programas en su navegador y nada se carga de otro sitio. Hay dos cookies: una contra formularios falsificados y otra que contiene su código de retorno hasta que cierre el navegador. Nadie más puede leerlas.
about-5 = Sellar no protege de quien se haya apoderado de este sitio web mientras usted escribe, de programas que espíen su dispositivo, ni de quien mire por encima de su hombro.
about-6 = «Salir de esta página» le lleva a otro sitio y limpia lo que guarda este dispositivo. No puede limpiar la lista de páginas visitadas de su navegador.
about-7 = Si su navegador puede, sella él mismo sus respuestas antes de que salgan de su dispositivo.
about-receipt = Los recibos están firmados. Cualquiera puede comprobarlos con esta clave pública (Ed25519):

missing-title = Esta página no existe
missing-lead = Revise la dirección o vaya a la página de inicio.
failed-title = No hemos podido recibir esto
failed-lead = Por su parte no se ha perdido nada: vuelva atrás y pruebe otra vez en unos minutos.
refused-title = Este formulario no se envió desde esta página
refused-lead = Vuelva a la página de inicio y pruebe otra vez.
