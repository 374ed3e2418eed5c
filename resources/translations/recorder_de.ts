<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
    <context>
        <name>Problem</name>
        <message>
            <source>A body has at most 5000000 bytes.</source>
            <translation>Eine Anfrage darf höchstens 5000000 Byte haben.</translation>
        </message>
        <message>
            <source>A folder cannot be moved into itself or into a folder inside it.</source>
            <translation>Ein Ordner kann nicht in sich selbst oder in einen seiner Unterordner verschoben werden.</translation>
        </message>
        <message>
            <source>A limit of {limit_bytes_per_s} B/s would stop every upload. Write a limit above 0 or “unlimited”; to stop uploads, pause them.</source>
            <translation>Ein Limit von {limit_bytes_per_s} B/s würde jeden Upload aufhalten. Geben Sie ein Limit über 0 oder „unlimited“ an; um Uploads anzuhalten, gibt es „Anhalten“.</translation>
        </message>
        <message>
            <source>A name holds bytes that are not text, so it cannot be sent. Give another, then retry.</source>
            <translation>Ein Name enthält Zeichen, die kein Text sind, und kann deshalb nicht gesendet werden. Geben Sie einen anderen, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>A time window lies outside the day. Write its times as 00:00 to 24:00.</source>
            <translation>Ein Zeitfenster liegt außerhalb des Tages. Schreiben Sie seine Uhrzeiten als 00:00 bis 24:00.</translation>
        </message>
        <message>
            <source>A time window needs days. Name some, for example Mon-Fri.</source>
            <translation>Ein Zeitfenster braucht Tage. Nennen Sie welche, zum Beispiel Mon-Fri.</translation>
        </message>
        <message>
            <source>Ask whoever runs the server, then retry.</source>
            <translation>Wenden Sie sich an den Betreiber des Servers, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>Check the address and the network, then try again.</source>
            <translation>Prüfen Sie Adresse und Netz, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>Check the network and the settings of the bucket.</source>
            <translation>Prüfen Sie das Netz und die Einstellungen des Buckets.</translation>
        </message>
        <message>
            <source>Check the network, then try again.</source>
            <translation>Prüfen Sie das Netz, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>Choose a disk that takes files of this size.</source>
            <translation>Wählen Sie ein Laufwerk, das Dateien dieser Größe aufnimmt.</translation>
        </message>
        <message>
            <source>Choose a shorter name.</source>
            <translation>Wählen Sie einen kürzeren Namen.</translation>
        </message>
        <message>
            <source>Choose another folder, then retry.</source>
            <translation>Wählen Sie einen anderen Ordner, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>Choose another place.</source>
            <translation>Wählen Sie einen anderen Ort.</translation>
        </message>
        <message>
            <source>Correct it, then retry.</source>
            <translation>Berichtigen Sie das, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>Deleted from the store. Your file, if you still have it, is not stored there any more; upload it again if it is wanted.</source>
            <translation>Aus dem Speicher gelöscht. Ihre Datei, falls Sie sie noch haben, ist dort nicht mehr gespeichert; laden Sie sie noch einmal hoch, wenn sie gebraucht wird.</translation>
        </message>
        <message>
            <source>Every part but the last must have at least 5 MiB.</source>
            <translation>Jeder Teil außer dem letzten muss mindestens 5 MiB haben.</translation>
        </message>
        <message>
            <source>Free some space, then fetch it again.</source>
            <translation>Schaffen Sie Platz, und laden Sie die Aufnahme dann erneut.</translation>
        </message>
        <message>
            <source>It goes on by itself when that is over.</source>
            <translation>Es geht von selbst weiter, wenn das vorüber ist.</translation>
        </message>
        <message>
            <source>It is tried again.</source>
            <translation>Es wird erneut versucht.</translation>
        </message>
        <message>
            <source>List the library again.</source>
            <translation>Laden Sie die Bibliothek neu.</translation>
        </message>
        <message>
            <source>MONGO_URI is not usable: {name}.</source>
            <translation>MONGO_URI ist nicht brauchbar: {name}.</translation>
        </message>
        <message>
            <source>MONGO_URI names a standalone mongod: transactions need a replica set (--replSet), one node will do.</source>
            <translation>MONGO_URI nennt einen einzelnen mongod: Transaktionen brauchen ein Replica Set (--replSet), ein Knoten genügt.</translation>
        </message>
        <message>
            <source>No store takes parts of {strip}. Write a size from 5 MiB to 5 GiB.</source>
            <translation>Kein Speicher nimmt Teile von {strip}. Geben Sie eine Größe von 5 MiB bis 5 GiB an.</translation>
        </message>
        <message>
            <source>No such folder.</source>
            <translation>Diesen Ordner gibt es nicht.</translation>
        </message>
        <message>
            <source>No such recording.</source>
            <translation>Diese Aufnahme gibt es nicht.</translation>
        </message>
        <message>
            <source>No such upload.</source>
            <translation>Diesen Upload gibt es nicht.</translation>
        </message>
        <message>
            <source>No token was given. Ask whoever runs the server for one.</source>
            <translation>Es wurde kein Token angegeben. Der Betreiber des Servers kann Ihnen eines geben.</translation>
        </message>
        <message>
            <source>Nobody signs in here with a password: access tokens come from the identity provider. Get one there.</source>
            <translation>Hier meldet man sich nicht mit einem Passwort an: Zugangstoken kommen vom Anmeldedienst. Holen Sie sich dort eines.</translation>
        </message>
        <message>
            <source>Pages of this origin may not listen; see CORS_ORIGINS.</source>
            <translation>Seiten dieser Herkunft dürfen nicht mithören; siehe CORS_ORIGINS.</translation>
        </message>
        <message>
            <source>Recorder could not do that. Its log says why.</source>
            <translation>Recorder konnte das nicht tun. Sein Protokoll sagt, warum.</translation>
        </message>
        <message>
            <source>Recorder could not use its files ({place}{value}). Free some space or make its folder writable, then start Recorder again.</source>
            <translation>Recorder konnte seine Dateien nicht benutzen ({place}{value}). Schaffen Sie Platz oder machen Sie den Ordner beschreibbar, dann starten Sie Recorder noch einmal.</translation>
        </message>
        <message>
            <source>Recorder does not run. Start it, then try again.</source>
            <translation>Recorder läuft nicht. Starten Sie ihn, dann versuchen Sie es noch einmal.</translation>
        </message>
        <message>
            <source>Recorder has a fault ({name}). Retry, and please report it.</source>
            <translation>Recorder hat einen Fehler ({name}). Versuchen Sie es erneut, und melden Sie ihn bitte.</translation>
        </message>
        <message>
            <source>Recorder has just closed. Try again.</source>
            <translation>Recorder wurde gerade beendet. Versuchen Sie es noch einmal.</translation>
        </message>
        <message>
            <source>Recorder has no display to open its window on. Use “recorder-desktop upload PATH...”, “add”, “resume” or “queue” instead.</source>
            <translation>Recorder hat keinen Bildschirm für sein Fenster. Verwenden Sie stattdessen „recorder-desktop upload PATH...“, „add“, „resume“ oder „queue“.</translation>
        </message>
        <message>
            <source>Recorder is already running but does not answer. End it, then start Recorder again.</source>
            <translation>Recorder läuft schon, antwortet aber nicht. Beenden Sie Recorder, und starten Sie es dann neu.</translation>
        </message>
        <message>
            <source>Recorder is closing. What is unfinished goes on when it is started again.</source>
            <translation>Recorder wird beendet. Was nicht fertig ist, geht beim nächsten Start weiter.</translation>
        </message>
        <message>
            <source>Recorder is uploading in a terminal. Its window can open when that has finished.</source>
            <translation>Recorder lädt gerade in einem Terminal hoch. Sein Fenster kann sich öffnen, wenn das fertig ist.</translation>
        </message>
        <message>
            <source>Recorder was closed before it had answered. Try again.</source>
            <translation>Recorder wurde beendet, bevor es geantwortet hat. Versuchen Sie es erneut.</translation>
        </message>
        <message>
            <source>S3_BUCKET is set but {name} is not. Set {name}, or unset S3_BUCKET to store on this computer.</source>
            <translation>S3_BUCKET ist gesetzt, {name} aber nicht. Setzen Sie {name}, oder nehmen Sie S3_BUCKET weg, um auf diesem Computer zu speichern.</translation>
        </message>
        <message>
            <source>Send the body as application/json.</source>
            <translation>Die Anfrage muss als application/json gesendet werden.</translation>
        </message>
        <message>
            <source>Sign in: send an access token as Authorization: Bearer.</source>
            <translation>Anmeldung nötig: Ein Zugangstoken muss als Authorization: Bearer gesendet werden.</translation>
        </message>
        <message>
            <source>So many folders one inside the other are not possible. Choose a place further up.</source>
            <translation>So viele Ordner ineinander sind nicht möglich. Wählen Sie einen Ort weiter oben.</translation>
        </message>
        <message>
            <source>Some changes may have been missed. Look again.</source>
            <translation>Vielleicht wurden Änderungen verpasst. Sehen Sie neu nach.</translation>
        </message>
        <message>
            <source>Something went wrong here.</source>
            <translation>Auf dem Server ist etwas schiefgegangen.</translation>
        </message>
        <message>
            <source>Stored on this computer</source>
            <translation>Gespeichert auf diesem Computer</translation>
        </message>
        <message>
            <source>Team server {address}</source>
            <translation>Team-Server {address}</translation>
        </message>
        <message>
            <source>That is no address of a MongoDB. It begins with mongodb:// or mongodb+srv://, or leave it empty.</source>
            <translation>Das ist keine Adresse einer MongoDB. Sie beginnt mit mongodb:// oder mongodb+srv://; oder lassen Sie sie leer.</translation>
        </message>
        <message>
            <source>That is no address of a store. Write it in full, for example https://s3.example.org, or leave it empty.</source>
            <translation>Das ist keine Adresse eines Speichers. Schreiben Sie sie aus, zum Beispiel https://s3.example.org, oder lassen Sie sie leer.</translation>
        </message>
        <message>
            <source>That is no name of a bucket. Use at least two letters, digits, dots, hyphens or underscores.</source>
            <translation>Das ist kein Name eines Buckets. Nehmen Sie mindestens zwei Zeichen: Buchstaben, Ziffern, Punkte, Bindestriche oder Unterstriche.</translation>
        </message>
        <message>
            <source>That is no name of a region. It has letters, digits and hyphens only, for example eu-central-1.</source>
            <translation>Das ist kein Name einer Region. Er hat nur Buchstaben, Ziffern und Bindestriche, zum Beispiel eu-central-1.</translation>
        </message>
        <message>
            <source>The bucket &quot;{bucket}&quot; does not exist: create it, or correct S3_BUCKET.</source>
            <translation>Den Bucket „{bucket}“ gibt es nicht: Legen Sie ihn an, oder berichtigen Sie S3_BUCKET.</translation>
        </message>
        <message>
            <source>The bucket does not exist. Create it, or correct its name on the server.</source>
            <translation>Den Bucket gibt es nicht. Legen Sie ihn an, oder berichtigen Sie seinen Namen auf dem Server.</translation>
        </message>
        <message>
            <source>The bucket works, but this computer has no usable keyring, and its keys are kept nowhere else. Set up a keyring, then try again.</source>
            <translation>Der Bucket funktioniert, aber dieser Computer hat keinen brauchbaren Schlüsselbund, und anderswo werden die Schlüssel nicht aufbewahrt. Richten Sie einen Schlüsselbund ein, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>The catalogue was written by a newer version of this program: update it.</source>
            <translation>Der Katalog wurde von einer neueren Version dieses Programms geschrieben: Aktualisieren Sie es.</translation>
        </message>
        <message>
            <source>The certificate of {host} is not trusted, so nothing was sent. Check the address, or have the certificate's authority added to this computer.</source>
            <translation>Dem Zertifikat von {host} wird nicht vertraut, deshalb wurde nichts gesendet. Prüfen Sie die Adresse, oder lassen Sie die Zertifizierungsstelle auf diesem Computer eintragen.</translation>
        </message>
        <message>
            <source>The clock of the server and the object store's are too far apart, so the store refuses. Check the clock of the server, and have it set by NTP.</source>
            <translation>Die Uhren des Servers und des Speichers gehen zu weit auseinander, deshalb lehnt der Speicher ab. Prüfen Sie die Uhr des Servers, und lassen Sie sie per NTP stellen.</translation>
        </message>
        <message>
            <source>The connection to {host} broke.</source>
            <translation>Die Verbindung zu {host} ist abgebrochen.</translation>
        </message>
        <message>
            <source>The database cannot be reached.</source>
            <translation>Die Datenbank ist nicht erreichbar.</translation>
        </message>
        <message>
            <source>The database did not answer in time.</source>
            <translation>Die Datenbank hat nicht rechtzeitig geantwortet.</translation>
        </message>
        <message>
            <source>The database did not carry out the request.</source>
            <translation>Die Datenbank hat die Anfrage nicht ausgeführt.</translation>
        </message>
        <message>
            <source>The database refuses this server: check MONGO_URI's user and its rights.</source>
            <translation>Die Datenbank weist diesen Server ab: Prüfen Sie den Benutzer in MONGO_URI und seine Rechte.</translation>
        </message>
        <message>
            <source>The disk that holds the upload queue is full, so uploads were paused. Free some space, then resume.</source>
            <translation>Das Laufwerk mit der Warteschlange ist voll, deshalb wurden die Uploads angehalten. Schaffen Sie Platz, und setzen Sie sie dann fort.</translation>
        </message>
        <message>
            <source>The drive with “{name}” does not answer. Plug it in again, or see whether its network is there, then retry.</source>
            <translation>Das Laufwerk mit „{name}“ antwortet nicht. Schließen Sie es neu an, oder sehen Sie nach, ob sein Netz da ist, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>The file is over {limit} bytes, the limit of this server.</source>
            <translation>Die Datei hat mehr als {limit} Byte, die Obergrenze dieses Servers.</translation>
        </message>
        <message>
            <source>The file is over {limit} bytes, the limit of this server. Abort the upload.</source>
            <translation>Die Datei hat mehr als {limit} Byte, die Obergrenze dieses Servers. Brechen Sie den Upload ab.</translation>
        </message>
        <message>
            <source>The file is over {value} bytes, the most that can be stored.</source>
            <translation>Die Datei hat mehr als {value} Byte, mehr kann nicht gespeichert werden.</translation>
        </message>
        <message>
            <source>The file is stored; its record is not written yet, since the database is away. Ask again.</source>
            <translation>Die Datei ist gespeichert; ihr Eintrag ist noch nicht geschrieben, weil die Datenbank nicht erreichbar ist. Versuchen Sie es erneut.</translation>
        </message>
        <message>
            <source>The file was changed on the way. Its upload starts from the beginning.</source>
            <translation>Die Datei wurde unterwegs geändert. Ihr Upload beginnt von vorn.</translation>
        </message>
        <message>
            <source>The folder {folder} cannot be read ({reason}). Check its permissions and links.</source>
            <translation>Der Ordner {folder} kann nicht gelesen werden ({reason}). Prüfen Sie seine Rechte und Verknüpfungen.</translation>
        </message>
        <message>
            <source>The folder {folder} could not be read ({strerror}). Give yourself permission, then add it again.</source>
            <translation>Der Ordner {folder} konnte nicht gelesen werden ({strerror}). Geben Sie sich das Leserecht, und fügen Sie ihn dann erneut hinzu.</translation>
        </message>
        <message>
            <source>The folder {folder} is not there now. Plug in its drive; it is waited for.</source>
            <translation>Der Ordner {folder} ist gerade nicht da. Schließen Sie sein Laufwerk an; es wird darauf gewartet.</translation>
        </message>
        <message>
            <source>The keys of your bucket {bucket} are not in the keyring. Unlock it, or enter them again.</source>
            <translation>Die Schlüssel Ihres Buckets {bucket} sind nicht im Schlüsselbund. Entsperren Sie ihn, oder geben Sie die Schlüssel erneut ein.</translation>
        </message>
        <message>
            <source>The limit is larger than any line. Write a smaller one or “unlimited”.</source>
            <translation>Das Limit ist größer als jede Leitung. Geben Sie ein kleineres oder „unlimited“ an.</translation>
        </message>
        <message>
            <source>The list of uploads was damaged. It is kept as {name}, and a new one was begun. Add recordings that had not finished again: what had arrived of them is found again, and nothing that was stored is lost.</source>
            <translation>Die Liste der Uploads war beschädigt. Sie ist als {name} aufgehoben, und eine neue wurde begonnen. Fügen Sie Aufnahmen, die nicht fertig waren, noch einmal hinzu: was von ihnen angekommen war, wird wiedergefunden, und nichts Gespeichertes ist verloren.</translation>
        </message>
        <message>
            <source>The list of what starts at login could not be changed ({value}). Change it in the settings of your system.</source>
            <translation>Die Liste der Programme, die bei der Anmeldung starten, konnte nicht geändert werden ({value}). Ändern Sie sie in den Einstellungen Ihres Systems.</translation>
        </message>
        <message>
            <source>The network answered instead of the server, as a hotel's sign-in page does. Open a web page and sign in to the network; the upload then goes on by itself.</source>
            <translation>Das Netz hat anstelle des Servers geantwortet, wie die Anmeldeseite eines Hotels es tut. Öffnen Sie eine Webseite, und melden Sie sich im Netz an; der Upload geht dann von selbst weiter.</translation>
        </message>
        <message>
            <source>The object store answered {status}.</source>
            <translation>Der Speicher antwortete mit {status}.</translation>
        </message>
        <message>
            <source>The object store asks for fewer requests.</source>
            <translation>Der Speicher bittet um weniger Anfragen.</translation>
        </message>
        <message>
            <source>The object store cannot be reached.</source>
            <translation>Der Speicher ist nicht erreichbar.</translation>
        </message>
        <message>
            <source>The object store is not ready yet.</source>
            <translation>Der Speicher ist noch nicht bereit.</translation>
        </message>
        <message>
            <source>The object store refused the request ({value}).</source>
            <translation>Der Speicher hat die Anfrage abgelehnt ({value}).</translation>
        </message>
        <message>
            <source>The object store refuses this server ({code}): check AWS_ACCESS_KEY, AWS_SECRET_KEY, AWS_REGION and the permissions of the key.</source>
            <translation>Der Speicher weist diesen Server ab ({code}): Prüfen Sie AWS_ACCESS_KEY, AWS_SECRET_KEY, AWS_REGION und die Rechte des Schlüssels.</translation>
        </message>
        <message>
            <source>The object store's answer cannot be read.</source>
            <translation>Die Antwort des Objektspeichers ist nicht zu verstehen.</translation>
        </message>
        <message>
            <source>The object store's answer makes no sense ({name}).</source>
            <translation>Die Antwort des Speichers ergibt keinen Sinn ({name}).</translation>
        </message>
        <message>
            <source>The part is sent again.</source>
            <translation>Der Teil wird erneut gesendet.</translation>
        </message>
        <message>
            <source>The part of Recorder that reads files ended again and again. Retry; if that does not help, start Recorder again.</source>
            <translation>Der Teil von Recorder, der Dateien liest, endete immer wieder. Versuchen Sie es erneut; hilft das nicht, starten Sie Recorder neu.</translation>
        </message>
        <message>
            <source>The part of Recorder that sends files could not be started ({reason}). Install Recorder again, then retry.</source>
            <translation>Der Teil von Recorder, der Dateien sendet, konnte nicht gestartet werden ({reason}). Installieren Sie Recorder neu, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>The part of Recorder that sends files ended unexpectedly. It is started again by itself.</source>
            <translation>Der Teil von Recorder, der Dateien sendet, hat unerwartet geendet. Er wird von selbst wieder gestartet.</translation>
        </message>
        <message>
            <source>The proxy in the system's settings is of a kind that this app cannot use. Set an HTTP proxy there, or none, then retry.</source>
            <translation>Der Proxy in den Einstellungen des Systems ist von einer Art, die diese App nicht verwenden kann. Stellen Sie dort einen HTTP-Proxy ein oder keinen, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>The proxy of this network asks for a password. Put the user name and the password into the system's proxy settings, then retry.</source>
            <translation>Der Proxy dieses Netzes verlangt ein Passwort. Tragen Sie Benutzername und Passwort in die Proxy-Einstellungen des Systems ein, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>The queue in {parent} was written by a newer version of Recorder. Update this app, or point RECORDER_HOME at another folder.</source>
            <translation>Die Warteschlange in {parent} wurde von einer neueren Version von Recorder geschrieben. Aktualisieren Sie diese App, oder lassen Sie RECORDER_HOME auf einen anderen Ordner zeigen.</translation>
        </message>
        <message>
            <source>The server asks for fewer requests. The upload goes on shortly.</source>
            <translation>Der Server bittet um weniger Anfragen. Der Upload geht gleich weiter.</translation>
        </message>
        <message>
            <source>The server has trouble.</source>
            <translation>Der Server hat Schwierigkeiten.</translation>
        </message>
        <message>
            <source>The server no longer knows this upload. It starts again from the beginning.</source>
            <translation>Der Server kennt diesen Upload nicht mehr. Er beginnt von vorn.</translation>
        </message>
        <message>
            <source>The server refused ({status}).</source>
            <translation>Der Server hat abgelehnt ({status}).</translation>
        </message>
        <message>
            <source>The setting transfers.keep_awake is “{keep_awake}”. Set it to true or false.</source>
            <translation>Die Einstellung transfers.keep_awake ist „{keep_awake}“. Setzen Sie sie auf true oder false.</translation>
        </message>
        <message>
            <source>The setting transfers.senders is “{senders}”, which is no number of parts to send at a time. Set it to 1 to {max_ceiling}.</source>
            <translation>Die Einstellung transfers.senders ist „{senders}“, was keine Zahl von Teilen ist, die gleichzeitig gesendet werden. Setzen Sie sie auf 1 bis {max_ceiling}.</translation>
        </message>
        <message>
            <source>The sign-in kept for {server} is damaged. Sign in again with “recorder-desktop login”.</source>
            <translation>Die aufbewahrte Anmeldung für {server} ist beschädigt. Melden Sie sich erneut an.</translation>
        </message>
        <message>
            <source>The store computed another checksum: the bytes it has are not the ones meant.</source>
            <translation>Der Speicher hat eine andere Prüfsumme errechnet: Was er hat, ist nicht das Gemeinte.</translation>
        </message>
        <message>
            <source>The store did not confirm the assembled file. Ask again.</source>
            <translation>Der Speicher hat die zusammengesetzte Datei nicht bestätigt. Versuchen Sie es erneut.</translation>
        </message>
        <message>
            <source>The store does not have these parts in this form.</source>
            <translation>Der Speicher hat diese Teile nicht in dieser Form.</translation>
        </message>
        <message>
            <source>The store found the same part damaged again and again. Check this computer's memory, drive and network (a proxy or virus scanner may alter data), then retry.</source>
            <translation>Der Speicher fand denselben Teil immer wieder beschädigt. Prüfen Sie Arbeitsspeicher, Laufwerk und Netz dieses Computers (ein Proxy oder Virenscanner kann Daten verändern), und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>The store had an internal error ({status}). The part is sent again.</source>
            <translation>Der Speicher hatte einen internen Fehler ({status}). Der Teil wird erneut gesendet.</translation>
        </message>
        <message>
            <source>The store has neither the open upload nor the finished file. Send it again.</source>
            <translation>Der Speicher hat weder den offenen Upload noch die fertige Datei. Laden Sie sie erneut hoch.</translation>
        </message>
        <message>
            <source>The store holds other parts than were sent. Those are sent again.</source>
            <translation>Der Speicher hat andere Teile als die gesendeten. Diese werden erneut gesendet.</translation>
        </message>
        <message>
            <source>The store is busy. The upload goes on more slowly.</source>
            <translation>Der Speicher ist ausgelastet. Der Upload geht langsamer weiter.</translation>
        </message>
        <message>
            <source>The store no longer has this upload: it was aborted, has expired or is complete.</source>
            <translation>Der Speicher hat diesen Upload nicht mehr: Er wurde abgebrochen, ist abgelaufen oder fertig.</translation>
        </message>
        <message>
            <source>The store no longer knows this upload. It starts again from the beginning.</source>
            <translation>Der Speicher kennt diesen Upload nicht mehr. Er beginnt von vorn.</translation>
        </message>
        <message>
            <source>The store of this app (SeaweedFS) is missing. Install Recorder again.</source>
            <translation>Der Speicher dieser App (SeaweedFS) fehlt. Installieren Sie Recorder neu.</translation>
        </message>
        <message>
            <source>The store on this computer is still starting.</source>
            <translation>Der Speicher auf diesem Computer startet noch.</translation>
        </message>
        <message>
            <source>The store or the database does not answer yet.</source>
            <translation>Der Speicher oder die Datenbank antwortet noch nicht.</translation>
        </message>
        <message>
            <source>The store refused a part because its bytes were damaged on the way. It is sent again.</source>
            <translation>Der Speicher hat einen Teil abgelehnt, weil er unterwegs beschädigt wurde. Er wird erneut gesendet.</translation>
        </message>
        <message>
            <source>The store refused the request ({answer}). Ask whoever runs the store, then retry.</source>
            <translation>Der Speicher hat die Anfrage abgelehnt ({answer}). Wenden Sie sich an den Betreiber des Speichers, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>The store refused the upload address. A fresh one is asked for.</source>
            <translation>Der Speicher hat die Upload-Adresse abgelehnt. Eine neue wird angefordert.</translation>
        </message>
        <message>
            <source>The store refuses even a fresh upload address. Check that the clocks are right and that the server's storage keys are valid, then retry.</source>
            <translation>Der Speicher lehnt selbst eine neue Upload-Adresse ab. Prüfen Sie, ob die Uhren richtig gehen und die Speicherschlüssel des Servers gültig sind, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>The store refuses the keys of the bucket “{bucket}”, or they may not use it. Correct the access key, the secret key or the region.</source>
            <translation>Der Speicher weist die Schlüssel des Buckets „{bucket}“ ab, oder sie dürfen ihn nicht benutzen. Berichtigen Sie den Zugriffsschlüssel, den geheimen Schlüssel oder die Region.</translation>
        </message>
        <message>
            <source>The store's answer to complete holds no ETag.</source>
            <translation>In der Antwort des Speichers auf das Abschließen fehlt das ETag.</translation>
        </message>
        <message>
            <source>The stored file is not the one sent: {differs}. Send it again.</source>
            <translation>Die gespeicherte Datei ist nicht die gesendete: {differs}. Senden Sie sie noch einmal.</translation>
        </message>
        <message>
            <source>The stored parts do not make the file: send the missing and superseded ones again.</source>
            <translation>Die gespeicherten Teile ergeben die Datei nicht: Fehlende und ersetzte müssen erneut gesendet werden.</translation>
        </message>
        <message>
            <source>The system's settings name a {scheme} proxy, which this app cannot use. Set an HTTP proxy there, or none, then retry.</source>
            <translation>Die Einstellungen des Systems nennen einen {scheme}-Proxy, den diese App nicht verwenden kann. Stellen Sie dort einen HTTP-Proxy ein oder keinen, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>The time window “{self}” is empty: it ends when it begins. For a whole day write 00:00-24:00.</source>
            <translation>Das Zeitfenster „{self}“ ist leer: Es endet, wenn es beginnt. Für einen ganzen Tag schreiben Sie 00:00-24:00.</translation>
        </message>
        <message>
            <source>The upload queue is closed. Start Recorder again.</source>
            <translation>Die Warteschlange ist geschlossen. Starten Sie Recorder neu.</translation>
        </message>
        <message>
            <source>The upload queue on this computer could not be read or written. Check the disk, then start Recorder again; nothing that was stored is lost.</source>
            <translation>Die Warteschlange auf diesem Computer konnte nicht gelesen oder geschrieben werden. Prüfen Sie die Festplatte, dann starten Sie Recorder noch einmal; nichts Gespeichertes ist verloren.</translation>
        </message>
        <message>
            <source>The upload queue was taken away while Recorder ran. Put it back, then start Recorder again.</source>
            <translation>Die Warteschlange wurde weggenommen, während Recorder lief. Legen Sie sie zurück, und starten Sie Recorder dann neu.</translation>
        </message>
        <message>
            <source>The upload service of this computer is still starting.</source>
            <translation>Der Upload-Dienst dieses Computers startet noch.</translation>
        </message>
        <message>
            <source>The upload was changed meanwhile. Look at it again.</source>
            <translation>Der Upload hat sich inzwischen geändert. Sehen Sie ihn noch einmal an.</translation>
        </message>
        <message>
            <source>The upload was completed before. Nothing more has to be sent.</source>
            <translation>Der Upload wurde schon abgeschlossen. Es muss nichts mehr gesendet werden.</translation>
        </message>
        <message>
            <source>The {name} of this computer cannot be kept running. Start Recorder again; its log says why.</source>
            <translation>{name} auf diesem Computer lässt sich nicht am Laufen halten. Starten Sie Recorder noch einmal; das Protokoll sagt, warum.</translation>
        </message>
        <message>
            <source>There are no recordings in {path}. Add a file itself if it should be uploaded.</source>
            <translation>In {path} sind keine Aufnahmen. Fügen Sie eine Datei selbst hinzu, wenn sie hochgeladen werden soll.</translation>
        </message>
        <message>
            <source>There is a folder of this name in this place already.</source>
            <translation>An diesem Ort gibt es schon einen Ordner mit diesem Namen.</translation>
        </message>
        <message>
            <source>There is an account {user} already; “user password” gives it another password.</source>
            <translation>Es gibt schon ein Konto {user}; „user password“ gibt ihm ein anderes Passwort.</translation>
        </message>
        <message>
            <source>There is no account {user}; “recorder-backend user list” shows them.</source>
            <translation>Es gibt kein Konto {user}; „recorder-backend user list“ zeigt alle.</translation>
        </message>
        <message>
            <source>There is no bucket “{bucket}” there. Correct its name, the region or the endpoint.</source>
            <translation>Dort gibt es keinen Bucket „{bucket}“. Berichtigen Sie den Namen, die Region oder den Endpunkt.</translation>
        </message>
        <message>
            <source>There is no folder {folder}. Check the path, or plug in its drive.</source>
            <translation>Es gibt keinen Ordner {folder}. Prüfen Sie den Pfad, oder schließen Sie sein Laufwerk an.</translation>
        </message>
        <message>
            <source>There is nothing at {path}. Check the path.</source>
            <translation>Unter {path} ist nichts. Prüfen Sie den Pfad.</translation>
        </message>
        <message>
            <source>There is something in this folder. Move or delete it first, uploads under way included.</source>
            <translation>In diesem Ordner ist noch etwas. Verschieben oder löschen Sie es zuerst, auch laufende Uploads.</translation>
        </message>
        <message>
            <source>This account is disabled. Ask whoever keeps the accounts of this server.</source>
            <translation>Dieses Konto ist gesperrt. Wenden Sie sich an die Verwaltung dieses Servers.</translation>
        </message>
        <message>
            <source>This bucket is named by this computer's environment (S3_BUCKET), not by Recorder's settings. Take it out there, then start Recorder again.</source>
            <translation>Diesen Bucket nennt die Umgebung dieses Computers (S3_BUCKET), nicht Recorders Einstellungen. Nehmen Sie ihn dort heraus, und starten Sie Recorder dann neu.</translation>
        </message>
        <message>
            <source>This computer has no usable keyring, so the sign-in cannot be kept. Set up a keyring, or give an access token in RECORDER_TOKEN.</source>
            <translation>Dieser Computer hat keinen brauchbaren Schlüsselbund, deshalb kann die Anmeldung nicht aufbewahrt werden. Richten Sie einen Schlüsselbund ein, oder geben Sie ein Zugangstoken in RECORDER_TOKEN an.</translation>
        </message>
        <message>
            <source>This computer has no usable keyring, so your sign-in is kept only until Recorder closes. Unlock or set up a keyring to stay signed in.</source>
            <translation>Dieser Computer hat keinen brauchbaren Schlüsselbund, deshalb gilt Ihre Anmeldung nur, bis Recorder beendet wird. Entsperren Sie einen Schlüsselbund, oder richten Sie einen ein, um angemeldet zu bleiben.</translation>
        </message>
        <message>
            <source>This computer's clock or the server's is wrong, so the store refuses. Set the clock, then retry.</source>
            <translation>Die Uhr dieses Computers oder die des Servers geht falsch, deshalb lehnt der Speicher ab. Stellen Sie die Uhr, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>This computer's disk has no room for a stored copy of “{file_name}”. Free some space, or point Recorder at a server or bucket, then retry.</source>
            <translation>Das Laufwerk dieses Computers hat keinen Platz für eine gespeicherte Kopie von „{file_name}“. Schaffen Sie Platz, oder geben Sie Recorder einen Server oder Bucket als Ziel, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>This host name is not served here; see ALLOWED_HOSTS.</source>
            <translation>Dieser Rechnername wird hier nicht bedient; siehe ALLOWED_HOSTS.</translation>
        </message>
        <message>
            <source>This recording is kept elsewhere ({describe}). Choose that place again, then try again.</source>
            <translation>Diese Aufnahme liegt anderswo ({describe}). Wählen Sie jenen Ort wieder, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>This recording is not known to be what its type says. Download it.</source>
            <translation>Es ist nicht sicher, dass diese Aufnahme ist, was ihr Typ sagt. Laden Sie sie herunter.</translation>
        </message>
        <message>
            <source>This recording is not of a type that is played in a browser. Download it.</source>
            <translation>Diese Aufnahme ist von keinem Typ, den ein Browser abspielt. Laden Sie sie herunter.</translation>
        </message>
        <message>
            <source>This recording is still being checked. Try again in a moment, or download it.</source>
            <translation>Diese Aufnahme wird noch geprüft. Versuchen Sie es gleich noch einmal, oder laden Sie sie herunter.</translation>
        </message>
        <message>
            <source>This recording was deleted.</source>
            <translation>Diese Aufnahme wurde gelöscht.</translation>
        </message>
        <message>
            <source>This recording was stored in another place than the one that Recorder uses now. Choose that place again, then try again.</source>
            <translation>Diese Aufnahme wurde an einem anderen Ort gespeichert als dem, den Recorder jetzt benutzt. Wählen Sie jenen Ort wieder, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>This upload belongs to another place ({describe}) and waits for it. Choose that place again, or remove it and add the file again.</source>
            <translation>Dieser Upload gehört an einen anderen Ort ({describe}) und wartet auf ihn. Wählen Sie jenen Ort wieder, oder entfernen Sie den Upload, und fügen Sie die Datei neu hinzu.</translation>
        </message>
        <message>
            <source>This upload belongs to {owner}, and somebody else is signed in to {server}. Sign in as {owner}, then it goes on.</source>
            <translation>Dieser Upload gehört {owner}, und an {server} ist jemand anders angemeldet. Melden Sie sich als {owner} an, dann geht er weiter.</translation>
        </message>
        <message>
            <source>This upload does not miss its file. Retry it where it stands.</source>
            <translation>Diesem Upload fehlt seine Datei nicht. Versuchen Sie ihn dort noch einmal, wo er steht.</translation>
        </message>
        <message>
            <source>This upload is already complete; the stored file stays.</source>
            <translation>Dieser Upload ist schon abgeschlossen; die gespeicherte Datei bleibt.</translation>
        </message>
        <message>
            <source>This upload was aborted.</source>
            <translation>Dieser Upload wurde abgebrochen.</translation>
        </message>
        <message>
            <source>This upload was aborted; begin a new one under a new clientUploadId.</source>
            <translation>Dieser Upload wurde abgebrochen; beginnen Sie einen neuen unter einer neuen clientUploadId.</translation>
        </message>
        <message>
            <source>This upload was opened for other bytes: begin a new one under a new clientUploadId.</source>
            <translation>Dieser Upload wurde für einen anderen Inhalt begonnen: Beginnen Sie einen neuen unter einer neuen clientUploadId.</translation>
        </message>
        <message>
            <source>Too many live connections at once. Close some, then try again.</source>
            <translation>Zu viele Live-Verbindungen auf einmal. Schließen Sie einige, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>Too many requests in this minute. Try again in {retry_after_s} s.</source>
            <translation>Zu viele Anfragen in dieser Minute. Versuchen Sie es in {retry_after_s} s erneut.</translation>
        </message>
        <message>
            <source>Too many tries to sign in to {server}.</source>
            <translation>Zu viele Versuche, sich an {server} anzumelden.</translation>
        </message>
        <message>
            <source>Too many tries to sign in. Try again in {retry_after_s} s.</source>
            <translation>Zu viele Versuche, sich anzumelden. Versuchen Sie es in {retry_after_s} s erneut.</translation>
        </message>
        <message>
            <source>Try again in a minute.</source>
            <translation>Versuchen Sie es in einer Minute erneut.</translation>
        </message>
        <message>
            <source>Try again in {retry_after_s} s.</source>
            <translation>Versuchen Sie es in {retry_after_s} s erneut.</translation>
        </message>
        <message>
            <source>What the store holds of “{file_name}” is not what was sent. Keep your copy and retry.</source>
            <translation>Was der Speicher von „{file_name}“ hat, ist nicht das Gesendete. Behalten Sie Ihre Kopie, und versuchen Sie es erneut.</translation>
        </message>
        <message>
            <source>What was stored of it is not in the store any more. It is uploaded again.</source>
            <translation>Was davon gespeichert war, ist nicht mehr im Speicher. Es wird noch einmal hochgeladen.</translation>
        </message>
        <message>
            <source>You are not signed in to {server}. Sign in with “recorder-desktop login”, then it goes on.</source>
            <translation>Sie sind an {server} nicht angemeldet. Melden Sie sich an, dann geht es weiter.</translation>
        </message>
        <message>
            <source>Your bucket {bucket} at {place}</source>
            <translation>Ihr Bucket {bucket} bei {place}</translation>
        </message>
        <message>
            <source>{destination} does not answer.</source>
            <translation>{destination} antwortet nicht.</translation>
        </message>
        <message>
            <source>{folder} is not a folder. Name a folder to watch, or upload the file itself.</source>
            <translation>{folder} ist kein Ordner. Nennen Sie einen Ordner, der beobachtet werden soll, oder laden Sie die Datei selbst hoch.</translation>
        </message>
        <message>
            <source>{host} cannot be reached. The upload goes on by itself when it can.</source>
            <translation>{host} ist nicht erreichbar. Der Upload geht von selbst weiter, sobald das wieder geht.</translation>
        </message>
        <message>
            <source>{host} stopped taking data. The part is sent again.</source>
            <translation>{host} nimmt keine Daten mehr an. Der Teil wird erneut gesendet.</translation>
        </message>
        <message>
            <source>{path} could not be moved to the trash. Delete it in your file manager instead.</source>
            <translation>{path} konnte nicht in den Papierkorb gelegt werden. Löschen Sie die Datei stattdessen in Ihrer Dateiverwaltung.</translation>
        </message>
        <message>
            <source>{path} could not be written ({reason}).</source>
            <translation>{path} konnte nicht geschrieben werden ({reason}).</translation>
        </message>
        <message>
            <source>{path} is not there any more. There is nothing to move.</source>
            <translation>{path} ist nicht mehr da. Es gibt nichts zu verschieben.</translation>
        </message>
        <message>
            <source>{path} was changed since it was uploaded. It was left where it is; upload it again first.</source>
            <translation>{path} wurde seit dem Hochladen geändert. Die Datei blieb, wo sie ist; laden Sie sie zuerst noch einmal hoch.</translation>
        </message>
        <message>
            <source>{server} answered in a form that this app does not know. Update this app and the server.</source>
            <translation>{server} antwortete in einer Form, die diese App nicht kennt. Aktualisieren Sie diese App und den Server.</translation>
        </message>
        <message>
            <source>{server} could not be told. It ends the sign-in by itself when that was not used for some weeks.</source>
            <translation>{server} konnte nicht benachrichtigt werden. Er beendet die Anmeldung von selbst, wenn sie einige Wochen nicht benutzt wurde.</translation>
        </message>
        <message>
            <source>{server} does not accept your sign-in, and its clock and this computer's are {minutes} minutes apart. Check the clock of both, then sign in again.</source>
            <translation>{server} nimmt Ihre Anmeldung nicht an, und seine Uhr und die dieses Computers gehen {minutes} Minuten auseinander. Prüfen Sie beide Uhren, und melden Sie sich dann erneut an.</translation>
        </message>
        <message>
            <source>{server} does not accept your sign-in. Sign in again, or correct RECORDER_TOKEN where that is set, then it goes on.</source>
            <translation>{server} nimmt Ihre Anmeldung nicht an. Melden Sie sich erneut an, oder berichtigen Sie RECORDER_TOKEN, wo es gesetzt ist, dann geht es weiter.</translation>
        </message>
        <message>
            <source>{server} does not answer. The upload goes on by itself when it does.</source>
            <translation>{server} antwortet nicht. Der Upload geht von selbst weiter, sobald der Server antwortet.</translation>
        </message>
        <message>
            <source>{server} does not know this user name with this password, or the account is disabled. Check both and try again, or ask whoever runs the server.</source>
            <translation>{server} kennt diesen Benutzernamen mit diesem Passwort nicht, oder das Konto ist gesperrt. Prüfen Sie beides, und versuchen Sie es erneut, oder wenden Sie sich an den Betreiber des Servers.</translation>
        </message>
        <message>
            <source>{server} has no passwords: access tokens come from the team's identity provider. Get one there and sign in with it.</source>
            <translation>{server} hat keine Passwörter: Zugangstoken kommen vom Anmeldedienst des Teams. Holen Sie sich dort eines, und melden Sie sich damit an.</translation>
        </message>
        <message>
            <source>{server} has trouble ({status}). The upload goes on by itself.</source>
            <translation>{server} hat Schwierigkeiten ({status}). Der Upload geht von selbst weiter.</translation>
        </message>
        <message>
            <source>{server} is not a Recorder server, or one of another version. Check the address, or update this app and the server.</source>
            <translation>{server} ist kein Recorder-Server oder hat eine andere Version. Prüfen Sie die Adresse, oder aktualisieren Sie diese App und den Server.</translation>
        </message>
        <message>
            <source>{server} is not a server address. Correct it, then retry.</source>
            <translation>{server} ist keine Serveradresse. Berichtigen Sie sie, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>{target} is no file and was left alone. Name a file to write to.</source>
            <translation>{target} ist keine Datei und wurde nicht angerührt. Nennen Sie eine Datei, in die geschrieben werden soll.</translation>
        </message>
        <message>
            <source>“{file_name}” arrived damaged and was not kept. Fetch it again.</source>
            <translation>„{file_name}“ kam beschädigt an und wurde nicht behalten. Laden Sie die Aufnahme erneut herunter.</translation>
        </message>
        <message>
            <source>“{file_name}” could not be fetched from {host}. Check the network, then fetch it again.</source>
            <translation>„{file_name}“ konnte nicht von {host} geladen werden. Prüfen Sie das Netz, und laden Sie die Aufnahme dann erneut.</translation>
        </message>
        <message>
            <source>“{file_name}” was already stored when you gave it up, so it stays. Delete it in the library if you do not want it.</source>
            <translation>„{file_name}“ war schon gespeichert, als Sie abgebrochen haben, und bleibt deshalb. Löschen Sie die Aufnahme in der Bibliothek, wenn Sie sie nicht wollen.</translation>
        </message>
        <message>
            <source>“{first}” leaves open what holds at other times. Begin with that limit, for example “unlimited; {first}”.</source>
            <translation>„{first}“ lässt offen, was zu anderen Zeiten gilt. Beginnen Sie mit diesem Limit, zum Beispiel „unlimited; {first}“.</translation>
        </message>
        <message>
            <source>“{name}” became shorter while it was uploaded, so the upload stopped. Retry to upload the file as it is now, from the beginning.</source>
            <translation>„{name}“ wurde während des Hochladens kürzer, deshalb hielt der Upload an. „Erneut versuchen“ lädt die Datei von vorn hoch, wie sie jetzt ist.</translation>
        </message>
        <message>
            <source>“{name}” could not be read ({reason}). Check its drive, then retry.</source>
            <translation>„{name}“ konnte nicht gelesen werden ({reason}). Prüfen Sie das Laufwerk, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>“{name}” is being changed. Let the other program finish, then try again.</source>
            <translation>„{name}“ wird gerade geändert. Lassen Sie das andere Programm fertig werden, dann versuchen Sie es noch einmal.</translation>
        </message>
        <message>
            <source>“{name}” is no longer at {parent}. Put it back or plug in its drive, then retry; or add it from where it is now, and it goes on.</source>
            <translation>„{name}“ ist nicht mehr in {parent}. Legen Sie die Datei zurück, oder schließen Sie ihr Laufwerk an, und versuchen Sie es dann erneut; oder fügen Sie sie von dort hinzu, wo sie jetzt ist, dann geht es weiter.</translation>
        </message>
        <message>
            <source>“{name}” is not a file that can be uploaded. Choose a recording instead.</source>
            <translation>„{name}“ ist keine Datei, die hochgeladen werden kann. Wählen Sie stattdessen eine Aufnahme.</translation>
        </message>
        <message>
            <source>“{name}” is not the file that “{file_name}” was: {difference}. Choose another one, or add this one as a recording of its own.</source>
            <translation>„{name}“ ist nicht die Datei, die „{file_name}“ war: {difference}. Wählen Sie eine andere, oder fügen Sie diese als eigene Aufnahme hinzu.</translation>
        </message>
        <message>
            <source>“{name}” is shorter than when it was added, so the upload stopped. Retry to upload the file as it is now, from the beginning.</source>
            <translation>„{name}“ ist kürzer als beim Hinzufügen, deshalb hielt der Upload an. „Erneut versuchen“ lädt die Datei von vorn hoch, wie sie jetzt ist.</translation>
        </message>
        <message>
            <source>“{name}” is still being written. It is uploaded as soon as it keeps its size for a while.</source>
            <translation>„{name}“ wird noch geschrieben. Die Datei wird hochgeladen, sobald sie ihre Größe eine Weile behält.</translation>
        </message>
        <message>
            <source>“{name}” keeps being changed while it is uploaded. Let the other program finish, then retry.</source>
            <translation>„{name}“ wird während des Hochladens immer wieder geändert. Lassen Sie das andere Programm fertig werden, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>“{name}” may not be read. Give yourself permission to read it, then retry.</source>
            <translation>„{name}“ darf nicht gelesen werden. Geben Sie sich das Leserecht, und versuchen Sie es dann erneut.</translation>
        </message>
        <message>
            <source>“{name}” was replaced by another file. Its upload starts from the beginning.</source>
            <translation>„{name}“ wurde durch eine andere Datei ersetzt. Der Upload beginnt von vorn.</translation>
        </message>
        <message>
            <source>“{strip}” is not a part size. Write whole MiB or GiB, for example 16 MiB, or “automatic”.</source>
            <translation>„{strip}“ ist keine Größe für Teile. Schreiben Sie ganze MiB oder GiB, zum Beispiel 16 MiB, oder „automatic“.</translation>
        </message>
        <message>
            <source>“{text}” is no whole number of bytes a second. Write fewer decimals.</source>
            <translation>„{text}“ ist keine ganze Zahl von Byte je Sekunde. Schreiben Sie weniger Nachkommastellen.</translation>
        </message>
        <message>
            <source>“{text}” is not a day. Write {join}, or a span such as Mon-Fri.</source>
            <translation>„{text}“ ist kein Tag. Schreiben Sie {join} oder eine Spanne wie Mon-Fri.</translation>
        </message>
        <message>
            <source>“{text}” is not a limit. Write for example 2 MB/s, 500 kB/s or “unlimited”.</source>
            <translation>„{text}“ ist kein Limit. Schreiben Sie zum Beispiel 2 MB/s, 500 kB/s oder „unlimited“.</translation>
        </message>
        <message>
            <source>“{text}” is not a server address. Write it in full, for example https://recorder.example.org.</source>
            <translation>„{text}“ ist keine Serveradresse. Schreiben Sie sie vollständig, zum Beispiel https://recorder.example.org.</translation>
        </message>
        <message>
            <source>“{text}” is not a time of day. Write it as 08:00 or 17:30; 24:00 is midnight.</source>
            <translation>„{text}“ ist keine Uhrzeit. Schreiben Sie sie als 08:00 oder 17:30; 24:00 ist Mitternacht.</translation>
        </message>
        <message>
            <source>“{text}” is not a time window. Write days, times and a limit, for example Mon-Fri 08:00-18:00 2 MB/s.</source>
            <translation>„{text}“ ist kein Zeitfenster. Schreiben Sie Tage, Uhrzeiten und ein Limit, zum Beispiel Mon-Fri 08:00-18:00 2 MB/s.</translation>
        </message>
        <message>
            <source>“{text}” names a day twice. Name each day once.</source>
            <translation>„{text}“ nennt einen Tag zweimal. Nennen Sie jeden Tag nur einmal.</translation>
        </message>
        <message>
            <source>“{unit}” in “{text}” is not a unit of speed. Write B/s, kB/s, MB/s or GB/s; B stands for bytes.</source>
            <translation>„{unit}“ in „{text}“ ist keine Einheit für ein Tempo. Schreiben Sie B/s, kB/s, MB/s oder GB/s; B steht für Byte.</translation>
        </message>
        <message>
            <source>“{window}” and “{other}” both apply on {days} at {clock_text}. Change one of them so that they do not overlap.</source>
            <translation>„{window}“ und „{other}“ gelten beide am {days} um {clock_text}. Ändern Sie eines davon, sodass sie sich nicht überschneiden.</translation>
        </message>
    </context>
    <context>
        <name>Recorder</name>
        <message numerus="yes">
            <source>%n cancelled</source>
            <translation>
                <numerusform>%n abgebrochen</numerusform>
                <numerusform>%n abgebrochen</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n days</source>
            <translation>
                <numerusform>%n Tag</numerusform>
                <numerusform>%n Tage</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n files are already stored and unchanged.</source>
            <translation>
                <numerusform>%n Datei ist schon gespeichert und unverändert.</numerusform>
                <numerusform>%n Dateien sind schon gespeichert und unverändert.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n h</source>
            <translation>
                <numerusform>%n h</numerusform>
                <numerusform>%n h</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n items were not added: {names}</source>
            <translation>
                <numerusform>%n Eintrag wurde nicht hinzugefügt: {names}</numerusform>
                <numerusform>%n Einträge wurden nicht hinzugefügt: {names}</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n links were not added: save the files on this computer first.</source>
            <translation>
                <numerusform>%n Link wurde nicht hinzugefügt: Speichern Sie die Datei zuerst auf diesem Computer.</numerusform>
                <numerusform>%n Links wurden nicht hinzugefügt: Speichern Sie die Dateien zuerst auf diesem Computer.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n min</source>
            <translation>
                <numerusform>%n min</numerusform>
                <numerusform>%n min</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n need attention</source>
            <translation>
                <numerusform>%n braucht Hilfe</numerusform>
                <numerusform>%n brauchen Hilfe</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n of them are verified.</source>
            <translation>
                <numerusform>%n davon ist geprüft.</numerusform>
                <numerusform>%n davon sind geprüft.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n of these are not stored yet. Remove?</source>
            <translation>
                <numerusform>%n davon ist noch nicht gespeichert. Entfernen?</numerusform>
                <numerusform>%n davon sind noch nicht gespeichert. Entfernen?</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n recordings</source>
            <translation>
                <numerusform>%n Aufnahme</numerusform>
                <numerusform>%n Aufnahmen</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n recordings need you.</source>
            <translation>
                <numerusform>%n Aufnahme braucht Sie.</numerusform>
                <numerusform>%n Aufnahmen brauchen Sie.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n recordings were deleted.</source>
            <translation>
                <numerusform>%n Aufnahme wurde gelöscht.</numerusform>
                <numerusform>%n Aufnahmen wurden gelöscht.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n s</source>
            <translation>
                <numerusform>%n s</numerusform>
                <numerusform>%n s</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n stored</source>
            <translation>
                <numerusform>%n gespeichert</numerusform>
                <numerusform>%n gespeichert</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n uploads are still under way.</source>
            <translation>
                <numerusform>%n Upload ist noch unterwegs.</numerusform>
                <numerusform>%n Uploads sind noch unterwegs.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n uploads left the list.</source>
            <translation>
                <numerusform>%n Upload ist nicht mehr in der Liste.</numerusform>
                <numerusform>%n Uploads sind nicht mehr in der Liste.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n uploads selected</source>
            <translation>
                <numerusform>%n Upload ausgewählt</numerusform>
                <numerusform>%n Uploads ausgewählt</numerusform>
            </translation>
        </message>
        <message>
            <source>1 cancelled</source>
            <translation>1 abgebrochen</translation>
        </message>
        <message>
            <source>1 day</source>
            <translation>1 Tag</translation>
        </message>
        <message>
            <source>1 link was not added: save the file on this computer first.</source>
            <translation>1 Link wurde nicht hinzugefügt: Speichern Sie die Datei zuerst auf diesem Computer.</translation>
        </message>
        <message>
            <source>1 needs attention</source>
            <translation>1 braucht Hilfe</translation>
        </message>
        <message>
            <source>1 of them is verified.</source>
            <translation>1 davon ist geprüft.</translation>
        </message>
        <message>
            <source>1 recording</source>
            <translation>1 Aufnahme</translation>
        </message>
        <message>
            <source>1 recording needs you.</source>
            <translation>1 Aufnahme braucht Sie.</translation>
        </message>
        <message>
            <source>1 recording was deleted.</source>
            <translation>1 Aufnahme wurde gelöscht.</translation>
        </message>
        <message>
            <source>1 stored</source>
            <translation>1 gespeichert</translation>
        </message>
        <message>
            <source>1 upload is still under way.</source>
            <translation>1 Upload ist noch unterwegs.</translation>
        </message>
        <message>
            <source>1 upload left the list.</source>
            <translation>1 Upload ist nicht mehr in der Liste.</translation>
        </message>
        <message>
            <source>1 upload selected</source>
            <translation>1 Upload ausgewählt</translation>
        </message>
        <message>
            <source>A bucket of your own</source>
            <translation>Ein eigener Bucket</translation>
        </message>
        <message>
            <source>Access key</source>
            <translation>Zugriffsschlüssel</translation>
        </message>
        <message>
            <source>Access token</source>
            <translation>Zugangstoken</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>Konto</translation>
        </message>
        <message>
            <source>Active</source>
            <translation>Aktiv</translation>
        </message>
        <message>
            <source>Add every recording in a folder (Ctrl+Shift+O)</source>
            <translation>Alle Aufnahmen eines Ordners hinzufügen (Strg+Umschalt+O)</translation>
        </message>
        <message>
            <source>Add hours</source>
            <translation>Stunden hinzufügen</translation>
        </message>
        <message>
            <source>Added to the queue.</source>
            <translation>In die Warteschlange gestellt.</translation>
        </message>
        <message>
            <source>Adding recordings…</source>
            <translation>Aufnahmen werden hinzugefügt…</translation>
        </message>
        <message>
            <source>All</source>
            <translation>Alle</translation>
        </message>
        <message numerus="yes">
            <source>All done. %n recordings are verified.</source>
            <translation>
                <numerusform>Alles fertig. %n Aufnahme ist geprüft.</numerusform>
                <numerusform>Alles fertig. %n Aufnahmen sind geprüft.</numerusform>
            </translation>
        </message>
        <message>
            <source>All done. 1 recording is verified.</source>
            <translation>Alles fertig. 1 Aufnahme ist geprüft.</translation>
        </message>
        <message>
            <source>All files</source>
            <translation>Alle Dateien</translation>
        </message>
        <message>
            <source>All stored</source>
            <translation>Alles gespeichert</translation>
        </message>
        <message>
            <source>Amazon S3 or a store that speaks S3. It is tried first.</source>
            <translation>Amazon S3 oder ein Speicher, der S3 spricht. Er wird erst ausprobiert.</translation>
        </message>
        <message>
            <source>And below it, each recording once it has stopped growing. What lies there already is uploaded too.</source>
            <translation>Und darunter: jede Aufnahme, sobald sie nicht mehr wächst. Was schon dort liegt, wird auch hochgeladen.</translation>
        </message>
        <message>
            <source>Another value…</source>
            <translation>Anderer Wert…</translation>
        </message>
        <message>
            <source>Answer</source>
            <translation>Antwort</translation>
        </message>
        <message>
            <source>Appearance</source>
            <translation>Aussehen</translation>
        </message>
        <message>
            <source>As the system</source>
            <translation>Wie das System</translation>
        </message>
        <message>
            <source>Ask</source>
            <translation>Fragen</translation>
        </message>
        <message>
            <source>Ask again</source>
            <translation>Erneut fragen</translation>
        </message>
        <message>
            <source>Asking the server…</source>
            <translation>Der Server wird gefragt…</translation>
        </message>
        <message>
            <source>Attention</source>
            <translation>Braucht Hilfe</translation>
        </message>
        <message>
            <source>Automatic</source>
            <translation>Automatisch</translation>
        </message>
        <message>
            <source>Back</source>
            <translation>Zurück</translation>
        </message>
        <message>
            <source>Began again from the beginning.</source>
            <translation>Von vorn begonnen.</translation>
        </message>
        <message>
            <source>Bucket</source>
            <translation>Bucket</translation>
        </message>
        <message>
            <source>By the hour</source>
            <translation>Nach Uhrzeit</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message numerus="yes">
            <source>Cancel %n uploads?</source>
            <translation>
                <numerusform>%n Upload abbrechen?</numerusform>
                <numerusform>%n Uploads abbrechen?</numerusform>
            </translation>
        </message>
        <message>
            <source>Cancel all…</source>
            <translation>Alle abbrechen…</translation>
        </message>
        <message>
            <source>Cancel and remove</source>
            <translation>Abbrechen und entfernen</translation>
        </message>
        <message>
            <source>Cancel download</source>
            <translation>Download abbrechen</translation>
        </message>
        <message>
            <source>Cancel the upload of “{name}”?</source>
            <translation>Den Upload von „{name}“ abbrechen?</translation>
        </message>
        <message>
            <source>Cancel upload</source>
            <translation>Upload abbrechen</translation>
        </message>
        <message>
            <source>Cancelled</source>
            <translation>Abgebrochen</translation>
        </message>
        <message>
            <source>Cancelled.</source>
            <translation>Abgebrochen.</translation>
        </message>
        <message>
            <source>Cancelled. It was stored before; whether it still is was not asked.</source>
            <translation>Abgebrochen. Es war schon gespeichert; ob es das noch ist, wurde nicht erfragt.</translation>
        </message>
        <message>
            <source>Cancelled. Nothing was stored. Retry starts it again.</source>
            <translation>Abgebrochen. Es wurde nichts gespeichert. „Erneut versuchen“ beginnt von vorn.</translation>
        </message>
        <message>
            <source>Cannot be reached now. Uploads go on by themselves.</source>
            <translation>Zurzeit nicht erreichbar. Uploads gehen von selbst weiter.</translation>
        </message>
        <message>
            <source>Change…</source>
            <translation>Ändern…</translation>
        </message>
        <message>
            <source>Check the bucket…</source>
            <translation>Bucket prüfen…</translation>
        </message>
        <message>
            <source>Checked, and whole, in {folder}</source>
            <translation>Geprüft und vollständig, in {folder}</translation>
        </message>
        <message>
            <source>Checksum CRC64-NVME {value}</source>
            <translation>Prüfsumme CRC64-NVME {value}</translation>
        </message>
        <message>
            <source>Choose a folder of recordings</source>
            <translation>Ordner mit Aufnahmen wählen</translation>
        </message>
        <message>
            <source>Choose files</source>
            <translation>Dateien wählen</translation>
        </message>
        <message>
            <source>Choose files to upload (Ctrl+O)</source>
            <translation>Dateien zum Hochladen wählen (Strg+O)</translation>
        </message>
        <message>
            <source>Choose files…</source>
            <translation>Dateien wählen…</translation>
        </message>
        <message>
            <source>Choose folder</source>
            <translation>Ordner wählen</translation>
        </message>
        <message>
            <source>Choose folder…</source>
            <translation>Ordner wählen…</translation>
        </message>
        <message>
            <source>Choose recordings to upload</source>
            <translation>Aufnahmen zum Hochladen wählen</translation>
        </message>
        <message>
            <source>Choose the place…</source>
            <translation>Ort wählen…</translation>
        </message>
        <message>
            <source>Clear the search</source>
            <translation>Suche leeren</translation>
        </message>
        <message>
            <source>Clear what is done from the list</source>
            <translation>Was fertig ist, aus der Liste nehmen</translation>
        </message>
        <message>
            <source>Close message</source>
            <translation>Meldung schließen</translation>
        </message>
        <message>
            <source>Closing the window</source>
            <translation>Schließen des Fensters</translation>
        </message>
        <message>
            <source>Colours</source>
            <translation>Farben</translation>
        </message>
        <message>
            <source>Columns</source>
            <translation>Spalten</translation>
        </message>
        <message>
            <source>Complete by its size, without a checksum, in {folder}</source>
            <translation>Der Größe nach vollständig, ohne Prüfsumme, in {folder}</translation>
        </message>
        <message>
            <source>Connected</source>
            <translation>Verbunden</translation>
        </message>
        <message>
            <source>Connecting</source>
            <translation>Wird verbunden</translation>
        </message>
        <message>
            <source>Copy a link that plays it for a while</source>
            <translation>Einen Link kopieren, der sie eine Zeit lang abspielt</translation>
        </message>
        <message>
            <source>Copy link</source>
            <translation>Link kopieren</translation>
        </message>
        <message>
            <source>Counts what was added since everything was last done.</source>
            <translation>Zählt, was hinzukam, seit zuletzt alles erledigt war.</translation>
        </message>
        <message>
            <source>Dark</source>
            <translation>Dunkel</translation>
        </message>
        <message numerus="yes">
            <source>Delete %n recordings from the library?</source>
            <translation>
                <numerusform>%n Aufnahme aus der Bibliothek löschen?</numerusform>
                <numerusform>%n Aufnahmen aus der Bibliothek löschen?</numerusform>
            </translation>
        </message>
        <message>
            <source>Delete for good</source>
            <translation>Endgültig löschen</translation>
        </message>
        <message>
            <source>Delete the stored recording for good</source>
            <translation>Die gespeicherte Aufnahme endgültig löschen</translation>
        </message>
        <message>
            <source>Delete “{name}” from the library?</source>
            <translation>„{name}“ aus der Bibliothek löschen?</translation>
        </message>
        <message>
            <source>Deleted</source>
            <translation>Gelöscht</translation>
        </message>
        <message>
            <source>Deleted from the store.</source>
            <translation>Aus dem Speicher gelöscht.</translation>
        </message>
        <message>
            <source>Delete…</source>
            <translation>Löschen…</translation>
        </message>
        <message>
            <source>Details of the selection</source>
            <translation>Einzelheiten der Auswahl</translation>
        </message>
        <message>
            <source>Download</source>
            <translation>Herunterladen</translation>
        </message>
        <message>
            <source>Download of {name}</source>
            <translation>Download von {name}</translation>
        </message>
        <message>
            <source>Downloads</source>
            <translation>Downloads</translation>
        </message>
        <message>
            <source>Drop more recordings here</source>
            <translation>Weitere Aufnahmen hier ablegen</translation>
        </message>
        <message>
            <source>Drop recordings here</source>
            <translation>Aufnahmen hier ablegen</translation>
        </message>
        <message>
            <source>Duration</source>
            <translation>Dauer</translation>
        </message>
        <message>
            <source>Elsewhere</source>
            <translation>Anderswo</translation>
        </message>
        <message>
            <source>Empty for Amazon S3</source>
            <translation>Leer für Amazon S3</translation>
        </message>
        <message>
            <source>Empty: the list stays on this computer</source>
            <translation>Leer: Die Liste bleibt auf diesem Computer</translation>
        </message>
        <message>
            <source>Endpoint</source>
            <translation>Endpunkt</translation>
        </message>
        <message>
            <source>Enter keys…</source>
            <translation>Schlüssel eingeben…</translation>
        </message>
        <message>
            <source>Enter the access key.</source>
            <translation>Geben Sie den Zugriffsschlüssel ein.</translation>
        </message>
        <message>
            <source>Enter the name of the bucket.</source>
            <translation>Geben Sie den Namen des Buckets ein.</translation>
        </message>
        <message>
            <source>Enter the region, for example eu-central-1.</source>
            <translation>Geben Sie die Region ein, zum Beispiel eu-central-1.</translation>
        </message>
        <message>
            <source>Enter the secret key.</source>
            <translation>Geben Sie den geheimen Schlüssel ein.</translation>
        </message>
        <message>
            <source>Every week. An end before the start lies on the next day.</source>
            <translation>Jede Woche. Ein Ende vor dem Beginn liegt am nächsten Tag.</translation>
        </message>
        <message>
            <source>Everything is sent; the stored copy is being checked.</source>
            <translation>Alles ist gesendet; die gespeicherte Kopie wird geprüft.</translation>
        </message>
        <message>
            <source>Everything is stored</source>
            <translation>Alles ist gespeichert</translation>
        </message>
        <message>
            <source>Export diagnostics</source>
            <translation>Diagnose exportieren</translation>
        </message>
        <message>
            <source>Export diagnostics…</source>
            <translation>Diagnose exportieren …</translation>
        </message>
        <message>
            <source>Fetch it to your downloads, checked</source>
            <translation>In den Ordner für Downloads laden und prüfen</translation>
        </message>
        <message>
            <source>Filter of the queue</source>
            <translation>Filter der Warteschlange</translation>
        </message>
        <message>
            <source>Finished</source>
            <translation>Beendet</translation>
        </message>
        <message>
            <source>Fixed</source>
            <translation>Fest</translation>
        </message>
        <message>
            <source>Fixed part size</source>
            <translation>Feste Größe der Teile</translation>
        </message>
        <message>
            <source>Folders</source>
            <translation>Ordner</translation>
        </message>
        <message>
            <source>For example 3 MB/s or 500 kB/s. Empty for no limit.</source>
            <translation>Zum Beispiel 3 MB/s oder 500 kB/s. Leer für kein Limit.</translation>
        </message>
        <message>
            <source>Found again at the server. What it holds need not be sent again.</source>
            <translation>Auf dem Server wiedergefunden. Was er schon hat, muss nicht noch einmal gesendet werden.</translation>
        </message>
        <message>
            <source>From</source>
            <translation>Von</translation>
        </message>
        <message>
            <source>From 5 MiB to 5 GiB; counts for what is added from now on.</source>
            <translation>Von 5 MiB bis 5 GiB; gilt für alles, was ab jetzt dazukommt.</translation>
        </message>
        <message>
            <source>From the next start of Recorder on: {name}.</source>
            <translation>Vom nächsten Start von Recorder an: {name}.</translation>
        </message>
        <message>
            <source>General</source>
            <translation>Allgemein</translation>
        </message>
        <message>
            <source>Getting ready…</source>
            <translation>Wird vorbereitet…</translation>
        </message>
        <message>
            <source>Give up every unfinished upload</source>
            <translation>Jeden unfertigen Upload abbrechen</translation>
        </message>
        <message>
            <source>Give up the upload; your own file stays</source>
            <translation>Den Upload abbrechen; Ihre eigene Datei bleibt</translation>
        </message>
        <message>
            <source>Go on in the background</source>
            <translation>Im Hintergrund weiter</translation>
        </message>
        <message>
            <source>Go on where it stopped</source>
            <translation>Dort weitermachen, wo er angehalten wurde</translation>
        </message>
        <message>
            <source>Go to the queue</source>
            <translation>Zur Warteschlange</translation>
        </message>
        <message>
            <source>Help</source>
            <translation>Hilfe</translation>
        </message>
        <message>
            <source>Hours without a day never come. Choose at least one day, or remove them.</source>
            <translation>Stunden ohne Tag kommen nie. Wählen Sie mindestens einen Tag, oder entfernen Sie sie.</translation>
        </message>
        <message>
            <source>How fast may be sent: {limit}</source>
            <translation>Wie schnell gesendet werden darf: {limit}</translation>
        </message>
        <message>
            <source>How fast may be sent? For example 3 MB/s, or unlimited; Mon-Fri 08:00-18:00 2 MB/s</source>
            <translation>Wie schnell darf gesendet werden? Zum Beispiel „3 MB/s“ oder „unlimited; Mon-Fri 08:00-18:00 2 MB/s“</translation>
        </message>
        <message>
            <source>How many suit the line is found out; this is the most there may be.</source>
            <translation>Wie viele zur Leitung passen, wird herausgefunden; mehr als diese werden es nie.</translation>
        </message>
        <message>
            <source>In the whole list: {stored}, {cancelled}</source>
            <translation>In der ganzen Liste: {stored}, {cancelled}</translation>
        </message>
        <message>
            <source>In use: {name}.</source>
            <translation>Wird benutzt: {name}.</translation>
        </message>
        <message>
            <source>It was stored before. Whether it still is will be asked before anything is sent. Keep the file.</source>
            <translation>Es war schon gespeichert. Ob es das noch ist, wird erfragt, bevor etwas gesendet wird. Behalten Sie die Datei.</translation>
        </message>
        <message>
            <source>Its keys or settings do not work.</source>
            <translation>Seine Schlüssel oder Einstellungen funktionieren nicht.</translation>
        </message>
        <message>
            <source>Its parts are not known yet.</source>
            <translation>Die Teile sind noch nicht bekannt.</translation>
        </message>
        <message>
            <source>Keep</source>
            <translation>Behalten</translation>
        </message>
        <message>
            <source>Keep this computer awake</source>
            <translation>Diesen Computer wach halten</translation>
        </message>
        <message>
            <source>Keep uploading</source>
            <translation>Weiter hochladen</translation>
        </message>
        <message>
            <source>Keep uploading in the background?</source>
            <translation>Im Hintergrund weiter hochladen?</translation>
        </message>
        <message>
            <source>Language</source>
            <translation>Sprache</translation>
        </message>
        <message>
            <source>Largest first</source>
            <translation>Größte zuerst</translation>
        </message>
        <message>
            <source>Let go to upload</source>
            <translation>Zum Hochladen loslassen</translation>
        </message>
        <message>
            <source>Library</source>
            <translation>Bibliothek</translation>
        </message>
        <message>
            <source>Light</source>
            <translation>Hell</translation>
        </message>
        <message>
            <source>Limit</source>
            <translation>Tempolimit</translation>
        </message>
        <message>
            <source>Limit in these hours</source>
            <translation>Limit in diesen Stunden</translation>
        </message>
        <message>
            <source>Limit: {limit}</source>
            <translation>Tempolimit: {limit}</translation>
        </message>
        <message>
            <source>Link copied. It works for {time}, for everybody who has it.</source>
            <translation>Link kopiert. Gültigkeit: {time}, für alle, die ihn haben.</translation>
        </message>
        <message>
            <source>Link copied. It works for {time}, on this computer only.</source>
            <translation>Link kopiert. Gültigkeit: {time}, nur auf diesem Computer.</translation>
        </message>
        <message>
            <source>Locate file…</source>
            <translation>Datei suchen …</translation>
        </message>
        <message>
            <source>Longest first</source>
            <translation>Längste zuerst</translation>
        </message>
        <message>
            <source>Look anew (F5)</source>
            <translation>Neu nachsehen (F5)</translation>
        </message>
        <message>
            <source>Looking at what is stored…</source>
            <translation>Es wird nachgesehen, was gespeichert ist…</translation>
        </message>
        <message>
            <source>Looking…</source>
            <translation>Wird nachgesehen…</translation>
        </message>
        <message>
            <source>Message</source>
            <translation>Meldung</translation>
        </message>
        <message>
            <source>MongoDB address</source>
            <translation>MongoDB-Adresse</translation>
        </message>
        <message>
            <source>More</source>
            <translation>Mehr</translation>
        </message>
        <message>
            <source>More actions on all uploads</source>
            <translation>Mehr für alle Uploads</translation>
        </message>
        <message>
            <source>Move down</source>
            <translation>Nach unten</translation>
        </message>
        <message>
            <source>Move original to trash…</source>
            <translation>Original in den Papierkorb…</translation>
        </message>
        <message>
            <source>Move to the front of the queue</source>
            <translation>An den Anfang der Warteschlange stellen</translation>
        </message>
        <message>
            <source>Move to trash</source>
            <translation>In den Papierkorb</translation>
        </message>
        <message>
            <source>Move up</source>
            <translation>Nach oben</translation>
        </message>
        <message>
            <source>Move “{name}” to the trash?</source>
            <translation>„{name}“ in den Papierkorb legen?</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>Name</translation>
        </message>
        <message>
            <source>Name, A to Z</source>
            <translation>Name, A bis Z</translation>
        </message>
        <message>
            <source>Name, Z to A</source>
            <translation>Name, Z bis A</translation>
        </message>
        <message>
            <source>Needs attention</source>
            <translation>Braucht Hilfe</translation>
        </message>
        <message>
            <source>Needs help.</source>
            <translation>Braucht Hilfe.</translation>
        </message>
        <message>
            <source>Needs you</source>
            <translation>Braucht Sie</translation>
        </message>
        <message>
            <source>Newest first</source>
            <translation>Neueste zuerst</translation>
        </message>
        <message>
            <source>No limit</source>
            <translation>Kein Limit</translation>
        </message>
        <message>
            <source>No program here opens “{name}”.</source>
            <translation>Kein Programm hier öffnet „{name}“.</translation>
        </message>
        <message>
            <source>No program here takes the link. Copy it, or download the recording.</source>
            <translation>Kein Programm hier nimmt den Link an. Kopieren Sie ihn, oder laden Sie die Aufnahme herunter.</translation>
        </message>
        <message>
            <source>No upload here is called “{words}”</source>
            <translation>Kein Upload hier heißt „{words}“</translation>
        </message>
        <message>
            <source>Nobody has to sign in here.</source>
            <translation>Hier muss sich niemand anmelden.</translation>
        </message>
        <message>
            <source>Nobody is signed in. Recordings wait until somebody is; nothing is lost.</source>
            <translation>Niemand ist angemeldet. Aufnahmen warten, bis jemand es ist; nichts geht verloren.</translation>
        </message>
        <message>
            <source>Not signed in</source>
            <translation>Nicht angemeldet</translation>
        </message>
        <message>
            <source>Not started</source>
            <translation>Nicht begonnen</translation>
        </message>
        <message>
            <source>Not stored</source>
            <translation>Nicht gespeichert</translation>
        </message>
        <message>
            <source>Not there now. Plug in its drive; it is waited for.</source>
            <translation>Gerade nicht da. Schließen Sie das Laufwerk an; es wird darauf gewartet.</translation>
        </message>
        <message>
            <source>Nothing gets through at the moment</source>
            <translation>Im Augenblick kommt nichts durch</translation>
        </message>
        <message>
            <source>Nothing here at the moment</source>
            <translation>Hier ist zurzeit nichts</translation>
        </message>
        <message>
            <source>Nothing is called “{query}”</source>
            <translation>Nichts heißt „{query}“</translation>
        </message>
        <message>
            <source>Nothing is done yet</source>
            <translation>Noch ist nichts fertig</translation>
        </message>
        <message>
            <source>Nothing is lost: uploads go on where they stopped when you next start Recorder.</source>
            <translation>Nichts geht verloren: Beim nächsten Start von Recorder gehen Uploads dort weiter, wo sie aufgehört haben.</translation>
        </message>
        <message>
            <source>Nothing is stored yet</source>
            <translation>Noch ist nichts gespeichert</translation>
        </message>
        <message>
            <source>Nothing needs you</source>
            <translation>Nichts braucht Ihre Hilfe</translation>
        </message>
        <message>
            <source>Notifications</source>
            <translation>Mitteilungen</translation>
        </message>
        <message>
            <source>Offline</source>
            <translation>Offline</translation>
        </message>
        <message>
            <source>Oldest first</source>
            <translation>Älteste zuerst</translation>
        </message>
        <message>
            <source>On its way. Keep the file where it is until it is verified.</source>
            <translation>Unterwegs. Lassen Sie die Datei, wo sie ist, bis sie geprüft ist.</translation>
        </message>
        <message>
            <source>Open</source>
            <translation>Öffnen</translation>
        </message>
        <message>
            <source>Open Recorder to see what happened and what helps.</source>
            <translation>Öffnen Sie Recorder, um zu sehen, was geschehen ist und was hilft.</translation>
        </message>
        <message>
            <source>Or store elsewhere:</source>
            <translation>Oder woanders speichern:</translation>
        </message>
        <message>
            <source>Order</source>
            <translation>Reihenfolge</translation>
        </message>
        <message>
            <source>Other limits at some hours</source>
            <translation>Andere Limits zu bestimmten Stunden</translation>
        </message>
        <message>
            <source>Part map</source>
            <translation>Übersicht der Teile</translation>
        </message>
        <message>
            <source>Part size</source>
            <translation>Größe der Teile</translation>
        </message>
        <message>
            <source>Parts</source>
            <translation>Teile</translation>
        </message>
        <message>
            <source>Parts at a time, at most</source>
            <translation>Teile gleichzeitig, höchstens</translation>
        </message>
        <message>
            <source>Password</source>
            <translation>Passwort</translation>
        </message>
        <message>
            <source>Paste files</source>
            <translation>Dateien einfügen</translation>
        </message>
        <message>
            <source>Pause</source>
            <translation>Anhalten</translation>
        </message>
        <message>
            <source>Pause all</source>
            <translation>Alle anhalten</translation>
        </message>
        <message>
            <source>Pause every upload</source>
            <translation>Jeden Upload anhalten</translation>
        </message>
        <message>
            <source>Pause or resume</source>
            <translation>Anhalten oder fortsetzen</translation>
        </message>
        <message>
            <source>Paused</source>
            <translation>Angehalten</translation>
        </message>
        <message>
            <source>Paused.</source>
            <translation>Angehalten.</translation>
        </message>
        <message>
            <source>Paused. Everything sent so far is kept.</source>
            <translation>Angehalten. Alles bisher Gesendete bleibt erhalten.</translation>
        </message>
        <message>
            <source>Play</source>
            <translation>Abspielen</translation>
        </message>
        <message>
            <source>Play it in your player</source>
            <translation>Im Abspielprogramm öffnen</translation>
        </message>
        <message>
            <source>Power</source>
            <translation>Energie</translation>
        </message>
        <message>
            <source>Progress</source>
            <translation>Fortschritt</translation>
        </message>
        <message>
            <source>Put away</source>
            <translation>Ausblenden</translation>
        </message>
        <message>
            <source>Queue</source>
            <translation>Warteschlange</translation>
        </message>
        <message>
            <source>Queued</source>
            <translation>Eingereiht</translation>
        </message>
        <message>
            <source>Quit</source>
            <translation>Beenden</translation>
        </message>
        <message>
            <source>Quit Recorder</source>
            <translation>Recorder beenden</translation>
        </message>
        <message>
            <source>Recorder</source>
            <translation>Recorder</translation>
        </message>
        <message>
            <source>Recorder can go on behind its tray icon while the window is closed. If you quit, uploads go on where they stopped at the next start. Your choice is remembered.</source>
            <translation>Recorder kann hinter seinem Symbol in der Leiste weiterarbeiten, während das Fenster geschlossen ist. Wenn Sie beenden, gehen Uploads beim nächsten Start dort weiter, wo sie aufgehört haben. Recorder merkt sich Ihre Wahl.</translation>
        </message>
        <message>
            <source>Recorder can go on with its window minimised. If you quit, uploads go on where they stopped at the next start.</source>
            <translation>Recorder kann mit verkleinertem Fenster weiterarbeiten. Wenn Sie beenden, gehen Uploads beim nächsten Start dort weiter, wo sie aufgehört haben.</translation>
        </message>
        <message>
            <source>Recorder had ended without warning. What was sent is kept.</source>
            <translation>Recorder war ohne Vorwarnung beendet worden. Was gesendet wurde, bleibt erhalten.</translation>
        </message>
        <message>
            <source>Recorder is not ready yet. Try again in a moment.</source>
            <translation>Recorder ist noch nicht bereit. Versuchen Sie es gleich noch einmal.</translation>
        </message>
        <message>
            <source>Recorder was closed. What was sent is kept.</source>
            <translation>Recorder wurde geschlossen. Was gesendet wurde, bleibt erhalten.</translation>
        </message>
        <message>
            <source>Recordings appear here as soon as they are uploaded and verified.</source>
            <translation>Aufnahmen erscheinen hier, sobald sie hochgeladen und geprüft sind.</translation>
        </message>
        <message>
            <source>Recordings go straight into your bucket. The keys are kept in this computer's keyring only.</source>
            <translation>Aufnahmen gehen direkt in Ihren Bucket. Die Schlüssel liegen nur im Schlüsselbund dieses Computers.</translation>
        </message>
        <message>
            <source>Recordings wait for a sign-in; nothing is lost.</source>
            <translation>Aufnahmen warten auf eine Anmeldung; nichts geht verloren.</translation>
        </message>
        <message>
            <source>Region</source>
            <translation>Region</translation>
        </message>
        <message>
            <source>Reload</source>
            <translation>Neu laden</translation>
        </message>
        <message>
            <source>Remove</source>
            <translation>Entfernen</translation>
        </message>
        <message>
            <source>Remove finished</source>
            <translation>Fertige entfernen</translation>
        </message>
        <message>
            <source>Remove these hours</source>
            <translation>Diese Stunden entfernen</translation>
        </message>
        <message>
            <source>Removing cancels the upload: what was sent so far is thrown away. Your own files stay.</source>
            <translation>Entfernen bricht den Upload ab: Was bisher gesendet wurde, wird verworfen. Ihre eigenen Dateien bleiben.</translation>
        </message>
        <message>
            <source>Resume</source>
            <translation>Fortsetzen</translation>
        </message>
        <message>
            <source>Resume all</source>
            <translation>Alle fortsetzen</translation>
        </message>
        <message>
            <source>Resume every paused upload</source>
            <translation>Jeden angehaltenen Upload fortsetzen</translation>
        </message>
        <message>
            <source>Retry</source>
            <translation>Erneut versuchen</translation>
        </message>
        <message>
            <source>Retry all</source>
            <translation>Alle erneut versuchen</translation>
        </message>
        <message>
            <source>Reveal file</source>
            <translation>Im Ordner zeigen</translation>
        </message>
        <message>
            <source>Search</source>
            <translation>Suchen</translation>
        </message>
        <message>
            <source>Search the library</source>
            <translation>Bibliothek durchsuchen</translation>
        </message>
        <message>
            <source>Search the queue</source>
            <translation>Uploads suchen</translation>
        </message>
        <message>
            <source>Secret key</source>
            <translation>Geheimer Schlüssel</translation>
        </message>
        <message>
            <source>Sections of the settings</source>
            <translation>Bereiche der Einstellungen</translation>
        </message>
        <message>
            <source>Send no faster than</source>
            <translation>Nicht schneller senden als</translation>
        </message>
        <message>
            <source>Sending began.</source>
            <translation>Das Senden hat begonnen.</translation>
        </message>
        <message>
            <source>Sending went on.</source>
            <translation>Das Senden ging weiter.</translation>
        </message>
        <message>
            <source>Server address</source>
            <translation>Adresse des Servers</translation>
        </message>
        <message>
            <source>Settings</source>
            <translation>Einstellungen</translation>
        </message>
        <message>
            <source>Settings…</source>
            <translation>Einstellungen…</translation>
        </message>
        <message>
            <source>Shortest first</source>
            <translation>Kürzeste zuerst</translation>
        </message>
        <message>
            <source>Show</source>
            <translation>Anzeigen</translation>
        </message>
        <message>
            <source>Show Recorder</source>
            <translation>Recorder anzeigen</translation>
        </message>
        <message>
            <source>Show all</source>
            <translation>Alle anzeigen</translation>
        </message>
        <message>
            <source>Show in folder</source>
            <translation>Im Ordner zeigen</translation>
        </message>
        <message>
            <source>Show stored copies</source>
            <translation>Gespeicherte Kopien zeigen</translation>
        </message>
        <message>
            <source>Sign in</source>
            <translation>Anmelden</translation>
        </message>
        <message>
            <source>Sign in as somebody else…</source>
            <translation>Als jemand anderes anmelden…</translation>
        </message>
        <message>
            <source>Sign in to a team server</source>
            <translation>An einem Team-Server anmelden</translation>
        </message>
        <message>
            <source>Sign in to a team server…</source>
            <translation>An einem Team-Server anmelden…</translation>
        </message>
        <message>
            <source>Sign in to go on</source>
            <translation>Melden Sie sich an, damit es weitergeht</translation>
        </message>
        <message>
            <source>Sign in to go on.</source>
            <translation>Melden Sie sich an, damit es weitergeht.</translation>
        </message>
        <message>
            <source>Sign in to see the library</source>
            <translation>Melden Sie sich an, um die Bibliothek zu sehen</translation>
        </message>
        <message>
            <source>Sign in…</source>
            <translation>Anmelden…</translation>
        </message>
        <message>
            <source>Sign out</source>
            <translation>Abmelden</translation>
        </message>
        <message>
            <source>Signed in as {user}.</source>
            <translation>Angemeldet als {user}.</translation>
        </message>
        <message>
            <source>Signed in.</source>
            <translation>Angemeldet.</translation>
        </message>
        <message>
            <source>Signed in. New recordings go to {server}.</source>
            <translation>Angemeldet. Neue Aufnahmen gehen an {server}.</translation>
        </message>
        <message>
            <source>Signed out of {server}.</source>
            <translation>Von {server} abgemeldet.</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>Größe</translation>
        </message>
        <message>
            <source>Smallest first</source>
            <translation>Kleinste zuerst</translation>
        </message>
        <message>
            <source>Speed</source>
            <translation>Tempo</translation>
        </message>
        <message>
            <source>Speed of the last 3 minutes, at most {speed}</source>
            <translation>Tempo der letzten 3 Minuten, höchstens {speed}</translation>
        </message>
        <message>
            <source>Speed of the last minutes</source>
            <translation>Tempo der letzten Minuten</translation>
        </message>
        <message>
            <source>Start Recorder when you log in</source>
            <translation>Recorder bei der Anmeldung am Computer starten</translation>
        </message>
        <message>
            <source>Start and close</source>
            <translation>Start und Ende</translation>
        </message>
        <message>
            <source>Starting</source>
            <translation>Beginnt</translation>
        </message>
        <message>
            <source>Starts as soon as a place is free. Keep the file where it is.</source>
            <translation>Beginnt, sobald ein Platz frei ist. Lassen Sie die Datei, wo sie ist.</translation>
        </message>
        <message>
            <source>State</source>
            <translation>Status</translation>
        </message>
        <message>
            <source>Stop sending; what was sent is kept</source>
            <translation>Das Senden anhalten; was gesendet ist, bleibt erhalten</translation>
        </message>
        <message>
            <source>Stop using it</source>
            <translation>Nicht mehr benutzen</translation>
        </message>
        <message>
            <source>Stopped</source>
            <translation>Gestoppt</translation>
        </message>
        <message>
            <source>Stored</source>
            <translation>Gespeichert</translation>
        </message>
        <message>
            <source>Stored and checked.</source>
            <translation>Gespeichert und geprüft.</translation>
        </message>
        <message>
            <source>Stored and verified.</source>
            <translation>Gespeichert und geprüft.</translation>
        </message>
        <message>
            <source>Stored recordings</source>
            <translation>Gespeicherte Aufnahmen</translation>
        </message>
        <message>
            <source>Stored, but the file is empty: it has 0 bytes.</source>
            <translation>Gespeichert, aber die Datei ist leer: Sie hat 0 Bytes.</translation>
        </message>
        <message>
            <source>Such as a file that is gone or a sign-in. Nothing is shown while you look at the window.</source>
            <translation>Etwa eine verschwundene Datei oder eine Anmeldung. Nichts erscheint, solange Sie das Fenster vor sich haben.</translation>
        </message>
        <message>
            <source>System</source>
            <translation>System</translation>
        </message>
        <message>
            <source>Take it out of this list; stored recordings stay stored</source>
            <translation>Aus dieser Liste nehmen; gespeicherte Aufnahmen bleiben gespeichert</translation>
        </message>
        <message>
            <source>Team server…</source>
            <translation>Team-Server…</translation>
        </message>
        <message>
            <source>That did not work because of a fault in Recorder. Try again; the log has the details.</source>
            <translation>Das ging wegen eines Fehlers in Recorder nicht. Versuchen Sie es erneut; Einzelheiten stehen im Protokoll.</translation>
        </message>
        <message>
            <source>That is {address}</source>
            <translation>Das ist {address}</translation>
        </message>
        <message>
            <source>That was not a file. Drop files or folders from this computer.</source>
            <translation>Das war keine Datei. Legen Sie Dateien oder Ordner von diesem Computer ab.</translation>
        </message>
        <message>
            <source>The diagnostics are in {file}, without secrets. Look through them before you pass them on.</source>
            <translation>Die Diagnose ist in {file}, ohne Geheimnisse. Sehen Sie sie durch, bevor Sie sie weitergeben.</translation>
        </message>
        <message>
            <source>The file had changed. What no longer agreed was sent again.</source>
            <translation>Die Datei hatte sich geändert. Was nicht mehr übereinstimmte, wurde neu gesendet.</translation>
        </message>
        <message>
            <source>The file manager could not be opened. The file is in {folder}.</source>
            <translation>Die Dateiverwaltung ließ sich nicht öffnen. Die Datei liegt in {folder}.</translation>
        </message>
        <message>
            <source>The file manager could not be opened. The stored copies are in {folder}.</source>
            <translation>Der Dateimanager ließ sich nicht öffnen. Die gespeicherten Kopien liegen in {folder}.</translation>
        </message>
        <message>
            <source>The first:</source>
            <translation>Der erste:</translation>
        </message>
        <message>
            <source>The library cannot be reached</source>
            <translation>Die Bibliothek ist nicht erreichbar</translation>
        </message>
        <message>
            <source>The library could not be read</source>
            <translation>Die Bibliothek konnte nicht gelesen werden</translation>
        </message>
        <message>
            <source>The library could not be read. Try again.</source>
            <translation>Die Bibliothek konnte nicht gelesen werden. Versuchen Sie es erneut.</translation>
        </message>
        <message>
            <source>The list of your recordings is being opened…
What you drop meanwhile is added to it.</source>
            <translation>Die Liste Ihrer Aufnahmen wird geöffnet …
Was Sie inzwischen ablegen, kommt dazu.</translation>
        </message>
        <message>
            <source>The name of this folder is not text, so the settings cannot keep it. Rename it, then add it.</source>
            <translation>Der Name dieses Ordners ist kein Text, daher können die Einstellungen ihn nicht behalten. Benennen Sie ihn um, und fügen Sie ihn dann hinzu.</translation>
        </message>
        <message>
            <source>The search looks at names and folders.</source>
            <translation>Gesucht wird in Namen und Ordnern.</translation>
        </message>
        <message>
            <source>The search looks at the names of stored recordings.</source>
            <translation>Gesucht wird in den Namen gespeicherter Aufnahmen.</translation>
        </message>
        <message>
            <source>The stored copy is verified and stays, but it is on this computer too, so it will be the only one. The file can be taken back from the trash.</source>
            <translation>Die gespeicherte Kopie ist geprüft und bleibt, liegt aber auch auf diesem Computer und wird dann die einzige sein. Die Datei lässt sich aus dem Papierkorb zurückholen.</translation>
        </message>
        <message>
            <source>The stored copy is verified and stays. The file on this computer can be taken back from the trash.</source>
            <translation>Die gespeicherte Kopie ist geprüft und bleibt. Die Datei auf diesem Computer lässt sich aus dem Papierkorb zurückholen.</translation>
        </message>
        <message>
            <source>The stored file is deleted for good, for everybody. Files on this computer stay.</source>
            <translation>Die gespeicherte Datei wird endgültig gelöscht, für alle. Dateien auf diesem Computer bleiben.</translation>
        </message>
        <message>
            <source>This address is not encrypted: whoever is on the way can read what you type here.</source>
            <translation>Diese Adresse ist nicht verschlüsselt: Unterwegs kann mitgelesen werden, was Sie hier eingeben.</translation>
        </message>
        <message>
            <source>This upload needs your help. Everything sent so far is kept.</source>
            <translation>Dieser Upload braucht Ihre Hilfe. Alles bisher Gesendete bleibt erhalten.</translation>
        </message>
        <message>
            <source>Time left</source>
            <translation>Restzeit</translation>
        </message>
        <message>
            <source>To</source>
            <translation>Bis</translation>
        </message>
        <message>
            <source>Total progress</source>
            <translation>Gesamtfortschritt</translation>
        </message>
        <message>
            <source>Transfers</source>
            <translation>Übertragung</translation>
        </message>
        <message>
            <source>Try again</source>
            <translation>Erneut versuchen</translation>
        </message>
        <message>
            <source>Try again now</source>
            <translation>Jetzt erneut versuchen</translation>
        </message>
        <message>
            <source>Try and use</source>
            <translation>Prüfen und verwenden</translation>
        </message>
        <message>
            <source>Try everything again that waits</source>
            <translation>Alles, was wartet, erneut versuchen</translation>
        </message>
        <message>
            <source>Try now</source>
            <translation>Jetzt versuchen</translation>
        </message>
        <message>
            <source>Trying the bucket…</source>
            <translation>Der Bucket wird geprüft…</translation>
        </message>
        <message>
            <source>Undo</source>
            <translation>Rückgängig</translation>
        </message>
        <message>
            <source>Unfinished uploads then go on by themselves.</source>
            <translation>Unfertige Uploads gehen dann von selbst weiter.</translation>
        </message>
        <message>
            <source>Upload after all</source>
            <translation>Doch hochladen</translation>
        </message>
        <message>
            <source>Upload again</source>
            <translation>Erneut hochladen</translation>
        </message>
        <message>
            <source>Upload it earlier</source>
            <translation>Früher hochladen</translation>
        </message>
        <message>
            <source>Upload it later</source>
            <translation>Später hochladen</translation>
        </message>
        <message>
            <source>Upload next</source>
            <translation>Als Nächstes hochladen</translation>
        </message>
        <message>
            <source>Upload the new version</source>
            <translation>Neue Version hochladen</translation>
        </message>
        <message>
            <source>Upload what appears in a folder</source>
            <translation>Hochladen, was in einem Ordner erscheint</translation>
        </message>
        <message>
            <source>Uploading</source>
            <translation>Lädt hoch</translation>
        </message>
        <message>
            <source>Uploads</source>
            <translation>Uploads</translation>
        </message>
        <message>
            <source>Use this bucket…</source>
            <translation>Diesen Bucket verwenden…</translation>
        </message>
        <message>
            <source>Use your own bucket</source>
            <translation>Eigenen Bucket verwenden</translation>
        </message>
        <message>
            <source>Use your own bucket…</source>
            <translation>Eigenen Bucket verwenden…</translation>
        </message>
        <message>
            <source>User name</source>
            <translation>Benutzername</translation>
        </message>
        <message>
            <source>User name and password</source>
            <translation>Benutzername und Passwort</translation>
        </message>
        <message>
            <source>Verified</source>
            <translation>Geprüft</translation>
        </message>
        <message>
            <source>Verified when it was stored. Whether it is still there could not be asked, so keep your file.</source>
            <translation>Beim Speichern geprüft. Ob es noch da ist, konnte nicht erfragt werden; behalten Sie also Ihre Datei.</translation>
        </message>
        <message>
            <source>Verified, but your file was changed since. Keep it, and add it again to store it as it is now.</source>
            <translation>Geprüft, aber Ihre Datei wurde seither geändert. Behalten Sie sie und fügen Sie sie noch einmal hinzu, um sie so zu speichern, wie sie jetzt ist.</translation>
        </message>
        <message>
            <source>Verified. Safe to delete your copy.</source>
            <translation>Geprüft. Ihre Kopie kann gelöscht werden.</translation>
        </message>
        <message>
            <source>Verified. Stored a second time on this computer, in {folder}.</source>
            <translation>Geprüft. Ein zweites Mal auf diesem Computer gespeichert, in {folder}.</translation>
        </message>
        <message>
            <source>Verified. Stored a second time on this computer.</source>
            <translation>Geprüft. Ein zweites Mal auf diesem Computer gespeichert.</translation>
        </message>
        <message>
            <source>Verifying</source>
            <translation>Wird geprüft</translation>
        </message>
        <message>
            <source>Video and audio</source>
            <translation>Video und Ton</translation>
        </message>
        <message>
            <source>Video and audio of any size. Uploads go on by themselves
after a lost connection, a closed lid or a restart.</source>
            <translation>Video und Ton in jeder Größe. Uploads gehen von selbst weiter,
auch nach Unterbrechung, zugeklapptem Deckel oder Neustart.</translation>
        </message>
        <message>
            <source>View</source>
            <translation>Ansicht</translation>
        </message>
        <message>
            <source>Waited {time} for the network.</source>
            <translation>{time} auf das Netzwerk gewartet.</translation>
        </message>
        <message>
            <source>Waited {time} for the server.</source>
            <translation>{time} auf den Server gewartet.</translation>
        </message>
        <message>
            <source>Waiting</source>
            <translation>Wartet</translation>
        </message>
        <message>
            <source>Waiting for another place</source>
            <translation>Wartet auf einen anderen Ort</translation>
        </message>
        <message>
            <source>Waiting for its turn</source>
            <translation>Wartet, bis er an der Reihe ist</translation>
        </message>
        <message>
            <source>Waiting for the connection. It goes on by itself; nothing is lost.</source>
            <translation>Wartet auf die Verbindung. Es geht von selbst weiter; nichts geht verloren.</translation>
        </message>
        <message>
            <source>Waits for its turn.</source>
            <translation>Wartet, bis er an der Reihe ist.</translation>
        </message>
        <message>
            <source>Waits for the connection.</source>
            <translation>Wartet auf die Verbindung.</translation>
        </message>
        <message>
            <source>Watch a folder…</source>
            <translation>Ordner beobachten…</translation>
        </message>
        <message>
            <source>Watch {folder} no longer</source>
            <translation>{folder} nicht mehr beobachten</translation>
        </message>
        <message>
            <source>Watched</source>
            <translation>Wird beobachtet</translation>
        </message>
        <message>
            <source>Watched folders</source>
            <translation>Beobachtete Ordner</translation>
        </message>
        <message>
            <source>What happened</source>
            <translation>Was geschehen ist</translation>
        </message>
        <message>
            <source>What somebody who helps you needs to know, without secrets.</source>
            <translation>Was wissen muss, wer Ihnen hilft, ohne Geheimnisse.</translation>
        </message>
        <message>
            <source>What was sent so far is thrown away. Your own files stay where they are.</source>
            <translation>Was bisher gesendet wurde, wird verworfen. Ihre eigenen Dateien bleiben, wo sie sind.</translation>
        </message>
        <message>
            <source>When everything is stored</source>
            <translation>Wenn alles gespeichert ist</translation>
        </message>
        <message>
            <source>When something needs you</source>
            <translation>Wenn etwas Sie braucht</translation>
        </message>
        <message>
            <source>Where is “{name}” now?</source>
            <translation>Wo ist „{name}“ jetzt?</translation>
        </message>
        <message>
            <source>Where recordings go</source>
            <translation>Wohin Aufnahmen gehen</translation>
        </message>
        <message>
            <source>Whether the stored copy is still there could not be asked now, so keep your file.</source>
            <translation>Ob die gespeicherte Kopie noch da ist, konnte gerade nicht erfragt werden; behalten Sie also Ihre Datei.</translation>
        </message>
        <message>
            <source>While something is being sent. The screen may turn off all the same.</source>
            <translation>Solange etwas gesendet wird. Der Bildschirm darf trotzdem ausgehen.</translation>
        </message>
        <message>
            <source>While uploads are under way.</source>
            <translation>Solange Uploads laufen.</translation>
        </message>
        <message>
            <source>Working</source>
            <translation>In Arbeit</translation>
        </message>
        <message>
            <source>Your bucket is not used any more. What is unfinished for it goes on until you quit Recorder, and waits then until you use it again.</source>
            <translation>Ihr Bucket wird nicht mehr benutzt. Was für ihn nicht fertig ist, geht weiter, bis Sie Recorder beenden, und wartet dann, bis Sie ihn wieder benutzen.</translation>
        </message>
        <message>
            <source>Your bucket needs you</source>
            <translation>Ihr Bucket braucht Sie</translation>
        </message>
        <message>
            <source>Your bucket {name} works. New recordings go there; what is queued goes on to where it was added.</source>
            <translation>Ihr Bucket {name} funktioniert. Neue Aufnahmen kommen dorthin; was schon in der Liste steht, geht an seinen bisherigen Ort.</translation>
        </message>
        <message>
            <source>Your bucket {name} works. What waited for it goes on.</source>
            <translation>Ihr Bucket {name} funktioniert. Was darauf gewartet hat, läuft weiter.</translation>
        </message>
        <message>
            <source>a while</source>
            <translation>eine Weile</translation>
        </message>
        <message numerus="yes">
            <source>and %n more</source>
            <translation>
                <numerusform>und %n weiterer</numerusform>
                <numerusform>und %n weitere</numerusform>
            </translation>
        </message>
        <message>
            <source>and 1 more</source>
            <translation>und 1 weiterer</translation>
        </message>
        <message>
            <source>d MMM</source>
            <translation>d. MMM</translation>
        </message>
        <message>
            <source>d MMM yyyy</source>
            <translation>d. MMM yyyy</translation>
        </message>
        <message>
            <source>loading more…</source>
            <translation>weitere werden geladen…</translation>
        </message>
        <message>
            <source>more below</source>
            <translation>weitere darunter</translation>
        </message>
        <message>
            <source>one hour</source>
            <translation>eine Stunde</translation>
        </message>
        <message>
            <source>unknown</source>
            <translation>unbekannt</translation>
        </message>
        <message>
            <source>{amount} on the way</source>
            <translation>{amount} unterwegs</translation>
        </message>
        <message>
            <source>{count} on their way</source>
            <translation>{count} unterwegs</translation>
        </message>
        <message>
            <source>{done} of {total}</source>
            <translation>{done} von {total}</translation>
        </message>
        <message>
            <source>{done} of {total} stored</source>
            <translation>{done} von {total} gespeichert</translation>
        </message>
        <message>
            <source>{folder} is watched already, as a part of {around}.</source>
            <translation>{folder} wird schon beobachtet, als Teil von {around}.</translation>
        </message>
        <message>
            <source>{folder} is watched already.</source>
            <translation>{folder} wird schon beobachtet.</translation>
        </message>
        <message>
            <source>{name} at {place}</source>
            <translation>{name} bei {place}</translation>
        </message>
        <message>
            <source>{stored} of {total} parts stored</source>
            <translation>{stored} von {total} Teilen gespeichert</translation>
        </message>
        <message>
            <source>{time} left</source>
            <translation>noch {time}</translation>
        </message>
        <message>
            <source>“{name}” is already stored and unchanged.</source>
            <translation>„{name}“ ist schon gespeichert und unverändert.</translation>
        </message>
        <message>
            <source>“{name}” is in the trash. The stored copy stays.</source>
            <translation>„{name}“ ist im Papierkorb. Die gespeicherte Kopie bleibt.</translation>
        </message>
        <message>
            <source>“{name}” is not stored yet. Remove it?</source>
            <translation>„{name}“ ist noch nicht gespeichert. Entfernen?</translation>
        </message>
        <message>
            <source>“{name}” was not moved to the trash: it is not stored any more, so your file may be the last copy. Upload it again if it is wanted.</source>
            <translation>„{name}“ wurde nicht in den Papierkorb gelegt: Es ist nicht mehr gespeichert, Ihre Datei könnte also die letzte Kopie sein. Laden Sie sie noch einmal hoch, wenn sie gebraucht wird.</translation>
        </message>
        <message>
            <source>“{name}” was not moved to the trash: whether it is still stored could not be asked.</source>
            <translation>„{name}“ wurde nicht in den Papierkorb gelegt: Ob es noch gespeichert ist, konnte nicht erfragt werden.</translation>
        </message>
    </context>
</TS>
