package diagnosis

// foundAuthWordings are replies to AUTH. One whose words a rule or a test had
// already from elsewhere is not held out, whichever server says it.
func foundAuthWordings() []foundWording {
	const (
		aiosmtpd  = "aiosmtpd 1.4.3, aiosmtpd/smtp.py"
		chasquid  = "albertito/chasquid, internal/smtpsrv/conn.go"
		dovecot   = "Debian dovecot-core 2.3.19.1, libdovecot-login, with the codes of dovecot/core, src/submission-login/client-authenticate.c"
		exim      = "Debian exim4-daemon-heavy 4.96, exim4"
		gmailList = "Gmail's own list of replies, as quoted in sisimai/p5-sisimai, Sisimai::Rhost::GoogleApps"
		opensmtpd = "Debian opensmtpd 6.8.0p2, smtpd"
		postfix   = "Debian postfix 3.7.11, smtpd"
		qpsmtpd   = "Debian qpsmtpd 0.94, Qpsmtpd/SMTP.pm and Qpsmtpd/Auth.pm"
		sendmail  = "Debian sendmail-bin 8.17.1.9, sendmail"
		stalwart  = "stalwartlabs/mail-server, crates/smtp/src/inbound/auth.rs"
	)
	return []foundWording{
		{wording{"163, suspended", "AUTH", "550 User suspended", AccountDisabled}, "a nodemailer log of July 2021 (command AUTH PLAIN), found by its exact text", false},
		{wording{"Aruba, abused", "AUTH", "525 5.7.13 Invio temporaneamente disabilitato per la casella, modificare la password", AccountDisabled}, "an Aruba customer's report, found by its exact text", true},
		{wording{"Aruba, abused, in English", "AUTH", "525 5.7.13 Sending temporarily disabled for this mailbox, please change password", AccountDisabled}, "an Aruba customer's report, found by its exact text", true},
		{wording{"Dovecot, disabled", "AUTH", "525 5.7.13 Login disabled for this user", AccountDisabled}, dovecot, true},
		{wording{"Exchange Online, mailbox", "AUTH", "550 5.2.1 Mailbox cannot be accessed [YQBPR0101CA0096.CANPRD01.PROD.OUTLOOK.COM 2023-03-25T23:04:27.306Z 08DB2D73A9A12AAF]", AccountDisabled}, "DevelopingSpace/starchart#444", false},
		{wording{"One.com, compromised", "AUTH", "525 5.7.13 [M5] Your credentials have been compromised", AccountDisabled}, "a One.com customer's report, found by its exact text", true},
		{wording{"mail platform, suspended", "AUTH", "535 5.7.8 Account suspended", AccountDisabled}, "a mail platform's page on its SMTP replies, found by its exact text", false},
		{wording{"Go server, locked", "AUTH", "535 5.7.8 Account temporarily locked", AuthThrottled}, "busybox42/elemta, its AUTH handler, found by its exact text", false},
		{wording{"Go server, inactive", "AUTH", "535 Authentication failed: account inactive", AccountDisabled}, "an SMTP server in Go, its AUTH handler, found by its exact text", false},
		{wording{"Python server, disabled", "AUTH", "535 Account disabled", AccountDisabled}, "an SMTP server in Python, its authenticator, found by its exact text", false},
		{wording{"Go server, suspended", "AUTH", "535 Account disabled by administrator", AccountDisabled}, "an SMTP server in Go, its ErrUserSuspended, found by its exact text", true},

		{wording{"mail.ru", "AUTH", "535 5.7.0 NEOBHODIM parol prilozheniya https://help.mail.ru/mail/security/protection/external / Application password is REQUIRED", AppPassword}, "lmanukyan/print-designer#5", true},
		{wording{"QQ", "AUTH", "535 Login Fail. Please enter your authorization code to login. More information in http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=28&&no=1001256", AppPassword}, "YMFE/yapi#2219, louislam/uptime-kuma#3434", false},

		{wording{"JetEmail", "AUTH", "535 IP not authorized", AuthClientRefused}, "JetEmail's page on SMTP error codes", false},

		{wording{"163, not switched on", "AUTH", "550 User has no permission", DisabledByAdmin}, "testerSunshine/12306#62", true},
		{wording{"Sina", "AUTH", "535 5.7.12 SMTP access disabled", DisabledByAdmin}, "notes on sending mail from Django, found by its exact text", false},
		{wording{"Rust server, denied", "AUTH", "535 5.7.8 SMTP access denied for this account", DisabledByAdmin}, "an SMTP server in Rust, its session, found by its exact text", false},
		{wording{"GNOME accounts proxy", "AUTH", "535 Account not authorized for SMTP", DisabledByAdmin}, "an SMTP proxy for GNOME Online Accounts, its smtp_auth_error, found by its exact text", false},
		{wording{"Stalwart, no permission", "AUTH", "550 5.7.1 Your account is not authorized to use this service.", DisabledByAdmin}, stalwart, false},
		{wording{"Yandex, not switched on", "AUTH", "535 5.7.8 Error: authentication failed: This user does not have access rights to this service", DisabledByAdmin}, "several Yandex customers' reports, found by their exact text", false},
		{wording{"INBUXA", "AUTH", "535 5.7.0 This server allows only INBUXA webmail and JMAP apps. This mail app can't send.", DisabledByAdmin}, "the server's source, found by its exact text", false},

		{wording{"aiosmtpd, off", "AUTH", "500 Error: command 'AUTH' not recognized", AuthNotOffered}, aiosmtpd, false},
		{wording{"GoDaddy, inbound", "AUTH", "535 Authentication not allowed on IBSMTP Servers. IB401", AuthNotOffered}, "sisimai, Sisimai::Rhost::GoDaddy", false},
		{wording{"mailproxy", "AUTH", "500 Error: command \"AUTH\" not recognized", AuthNotOffered}, "kz26/mailproxy#2", false},
		{wording{"OpenSMTPD, off", "AUTH", "503 5.5.1 Invalid command: Command not supported", AuthNotOffered}, "lukevella/rallly#46", false},
		{wording{"qpsmtpd, HELO", "AUTH", "503 AUTH not defined for HELO", AuthNotOffered}, qpsmtpd, false},
		{wording{"Sendmail, off", "AUTH", "503 5.3.3 AUTH not available", AuthNotOffered}, sendmail, false},
		{wording{"smtp2mqtt", "AUTH", "502 AUTH not supported.", AuthNotOffered}, "kost/smtp2mqtt#1", false},
		{wording{"Stalwart, off", "AUTH", "503 5.5.1 AUTH not allowed.", AuthNotOffered}, "stalwartlabs/mail-server, crates/smtp/src/inbound/session.rs", false},
		{wording{"Exchange behind a filter", "AUTH", "502 5.5.2 Error: command not recognized", AuthNotOffered}, "PHPMailer/PHPMailer#267", false},
		{wording{"Go server, other port", "AUTH", "503 5.5.1 AUTH only allowed on submission port", AuthNotOffered}, "an SMTP server in Go, its session, found by its exact text", false},
		{wording{"Go server, off", "AUTH", "503 5.5.1 AUTH not offered", AuthNotOffered}, "an SMTP server in Go, its session, found by its exact text", false},
		{wording{"Rust server, other port", "AUTH", "503 5.5.1 Authentication is only available on the submission ports", AuthNotOffered}, "an SMTP server in Rust, its session, found by its exact text", false},
		{wording{"Sendmail without SASL", "AUTH", "500 5.5.1 Command unrecognized: \"AUTH PLAIN AGJvYgBzZWNyZXQ=\"", AuthNotOffered}, "Foundry376/Mailspring#811", false},
		{wording{"smtp-server, off", "AUTH", "500 Error: command not recognized", AuthNotOffered}, "nodemailer/smtp-server#72", false},
		{wording{"unnamed server, off", "AUTH", "502 Command not implemented", AuthNotOffered}, "Youans/nodejs-nodemailer-outlook#5", false},
		{wording{"Yandex, off", "AUTH", "502 5.5.2 Syntax error, command unrecognized.", AuthNotOffered}, "sandstorm-io/sandstorm#2876", false},
		{wording{"C++ proxy, off", "AUTH", "502 5.5.1 AUTH not implemented", AuthNotOffered}, "an SMTP proxy in C++, its session, found by its exact text", true},
		{wording{"Rust server, inbound", "AUTH", "502 5.5.1 AUTH not available on this port; submit mail via port 587 or 465", AuthNotOffered}, "an SMTP server in Rust, its session, found by its exact text", true},
		{wording{"Rust relay, off", "AUTH", "502 5.5.1 AUTH not supported on relay", AuthNotOffered}, "an SMTP relay in Rust, its session, found by its exact text", true},
		{wording{"TypeScript server, off", "AUTH", "502 5.5.1 Authentication not advertised", AuthNotOffered}, "an SMTP server in TypeScript, its session, found by its exact text", true},
		{wording{"SubEthaSMTP, off", "AUTH", "502 Authentication not supported", AuthNotOffered}, "SubEthaSMTP, its AuthCommand, found by its exact text", true},
		{wording{"Go Smtpd, off", "AUTH", "503 auth not available (#5.3.3)", AuthNotOffered}, "an SMTP server in Go, its smtp_auth, found by its exact text", false},

		{wording{"aiosmtpd, command", "AUTH", "500 Command line too long", ResponseTooLong}, aiosmtpd, true},
		{wording{"aiosmtpd, line", "AUTH", "500 Line too long (see RFC5321 4.5.3.1.6)", ResponseTooLong}, aiosmtpd, false},
		{wording{"Dovecot, token", "AUTH", "500 5.5.2 Line too long", ResponseTooLong}, "PHPMailer/PHPMailer#3169, eclipse-ee4j/angus-mail#155, roundcube/roundcubemail#8623", false},
		{wording{"Gmail, token", "AUTH", "555 5.5.2 Syntax error, command line too long", ResponseTooLong}, "eclipse-ee4j/angus-mail#201 (its first line)", true},
		{wording{"rmail", "AUTH", "500 5.5.2 AUTH response line too long", ResponseTooLong}, "rmail, its AUTH exchange, found by its exact text", true},
		{wording{"Stalwart, line", "AUTH", "500 5.5.6 Authentication Exchange line is too long.", ResponseTooLong}, "stalwartlabs/mail-server, crates/smtp/src/inbound/session.rs", true},

		{wording{"Gmail, browser, older", "AUTH", "535-5.7.1 Please log in with your web browser and then try again. Learn more at\n535 5.7.1 https://support.google.com/mail/bin/answer.py?answer=78754 p2sm808096lbj.4", WebLogin}, gmailList + "; a mailing program's help page has it with its second line", true},
		{wording{"Yandex, robot", "AUTH", "535 5.7.8 Error: authentication failed: Your message looks like spam. You need to use web for sending or prove you are not a robot using the following link http://ya.cc", WebLogin}, "higty/higlabo#17 (its code as in Yandex's other refusals)", false},

		{wording{"nodemailer report", "AUTH", "535 auth failed (this user authenticate too many times)", AuthThrottled}, "nodemailer/nodemailer#1350", false},
		{wording{"Python server, locked", "AUTH", "535 Account is temporarily locked. Try again later.", AuthThrottled}, "an SMTP server in Python, its AUTH handler, found by its exact text", true},
		{wording{"Postfix, rate", "AUTH", "450 4.7.1 Error: too many AUTH commands from unknown[192.0.2.7]", AuthThrottled}, postfix, false},
		{wording{"Stalwart, attempts", "AUTH", "421 4.3.0 Too many authentication errors, disconnecting.", AuthThrottled}, stalwart, true},

		{wording{"Dovecot, backend", "AUTH", "454 4.7.0 Temporary authentication failure. [mx.example.test:2026-01-02 03:04:05]", BackendDown}, dovecot, false},
		{wording{"Gmail, backend", "AUTH", "454 4.7.0 Cannot authenticate due to temporary system problem. Try again later.", BackendDown}, gmailList, true},
		{wording{"Sendmail, backend, by its code", "AUTH", "454 4.5.4 Temporary authentication failure", BackendDown}, sendmail, false},

		{wording{"aiosmtpd, TLS", "AUTH", "538 5.7.11 Encryption required for requested authentication mechanism", EncryptionRequired}, aiosmtpd, false},
		{wording{"chasquid, TLS", "AUTH", "503 5.7.10 You feel vulnerable", EncryptionRequired}, chasquid, true},
		{wording{"Dovecot, cleartext", "AUTH", "523 5.7.10 Plaintext authentication disallowed on non-secure (SSL/TLS) connections.", EncryptionRequired}, dovecot, true},
		{wording{"Dovecot, TLS", "AUTH", "530 5.7.0 Authentication not allowed until SSL/TLS is enabled.", EncryptionRequired}, dovecot, false},
		{wording{"go-smtp, TLS", "AUTH", "523 5.7.10 TLS is required", EncryptionRequired}, "emersion/go-smtp 0.25.1, conn.go", false},
		{wording{"qpsmtpd, TLS", "AUTH", "503 SSL/TLS required before AUTH", EncryptionRequired}, qpsmtpd, true},
		{wording{"Java server, TLS", "AUTH", "503 Authentication too weak, use STARTTLS!", EncryptionRequired}, "an SMTP server in Java, its AUTH, found by its exact text", false},
		{wording{"Yandex, TLS", "AUTH", "530 5.7.7 Email sending without SSL/TLS encryption is not allowed. Please see: http://help.yandex.ru/mail/mail-clients/ssl.xml", EncryptionRequired}, "PHPMailer/PHPMailer#283", false},

		{wording{"chasquid, mechanism", "AUTH", "534 5.7.9 Asmodeus demands 534 zorkmids for safe passage", MechanismRefused}, chasquid, true},
		{wording{"Dovecot, mechanism", "AUTH", "504 5.5.4 Unsupported authentication mechanism.", MechanismRefused}, dovecot, true},
		{wording{"Exim, mechanism", "AUTH", "504 CRAM-MD5 authentication mechanism not supported", MechanismRefused}, exim, true},
		{wording{"Inbucket, mechanism", "AUTH", "500 Unsupported AUTH method: CRAM-MD5", MechanismRefused}, "inbucket/inbucket 3.2.0, pkg/server/smtp/handler.go", false},
		{wording{"OpenSMTPD, mechanism", "AUTH", "504 5.5.4 Invalid command arguments: AUTH method \"CRAM-MD5\" not supported", MechanismRefused}, opensmtpd, true},
		{wording{"qmail, mechanism", "AUTH", "504 auth type unimplemented (#5.5.1)", MechanismRefused}, "qmail with an AUTH patch, qmail-smtpd.c, err_noauth, found by its exact text", true},
		{wording{"qpsmtpd, mechanism", "AUTH", "504 Unimplemented authentification mechanism: cram-md5", MechanismRefused}, qpsmtpd, true},
		{wording{"Sendmail, mechanism", "AUTH", "504 5.3.3 AUTH mechanism CRAM-MD5 not available", MechanismRefused}, sendmail, true},
		{wording{"smtp-server, mechanism", "AUTH", "504 Error: Unrecognized authentication type", MechanismRefused}, "smtp-server 3.21.6, smtp-connection.js", false},
		{wording{"Stalwart, mechanism", "AUTH", "554 5.7.8 Authentication mechanism not supported.", MechanismRefused}, "stalwartlabs/mail-server, crates/smtp/src/inbound/session.rs", true},

		{wording{"Brevo, password", "AUTH", "535 5.7.0 Invalid login or password", CredentialsRefused}, "marcpope/borgbackupserver#16", false},
		{wording{"chasquid, password", "AUTH", "535 5.7.8 Incorrect user or password", CredentialsRefused}, chasquid, true},
		{wording{"Courier, password", "AUTH", "535 Authentication rejected", CredentialsRefused}, "Debian courier-mta 1.0.16, courieresmtpd", false},
		{wording{"Exchange Online, password", "AUTH", "535 5.7.139 Authentication unsuccessful, the user credentials were incorrect.", CredentialsRefused}, "freescout-help-desk/freescout#4930", true},
		{wording{"qpsmtpd, password", "AUTH", "535 Authentication invalid", CredentialsRefused}, qpsmtpd, true},
		{wording{"smtp-server, password", "AUTH", "535 Error: Authentication credentials invalid", CredentialsRefused}, "smtp-server 3.21.6, sasl.js", false},
		{wording{"Postfix, no reason", "AUTH", "535 5.7.8 Error: authentication failed: (reason unavailable)", CredentialsRefused}, "a NixOS mail server module's manual, found by its exact text", false},
		{wording{"Yandex NwSMTP, password", "AUTH", "535 5.7.8 Error: authentication failed: Invalid user or password!", CredentialsRefused}, "Yandex' NwSMTP, its session, found by its exact text", false},

		{wording{"Stalwart, token", "AUTH", "535 5.7.8 OAuth token expired.", CredentialsRefused}, stalwart + "; the mechanism makes it auth.token-refused", false},
	}
}
