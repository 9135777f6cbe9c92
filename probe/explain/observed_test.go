package explain

import (
	"testing"

	"smtptest/probe/replies"
)

// observation is what a program wrote when the fault was made on purpose,
// against a server on the same machine.
type observation struct {
	program, library string
	id               replies.ID
	text             string
}

// The samples in testdata are made up around the fragments; these texts were
// not made up, so that a fragment which no program writes shows here.
func TestObservedTexts(t *testing.T) {
	for _, o := range observations() {
		t.Run(o.program, func(t *testing.T) { checkSample(t, sample{o.library, o.id, o.text}) })
	}
}

func TestObservationsOfEveryLibrary(t *testing.T) {
	count := map[string]int{}
	for _, o := range observations() {
		count[o.library]++
	}
	for _, l := range replies.Libraries() {
		if count[l] < 4 {
			t.Errorf("%d observed texts of %s", count[l], l)
		}
	}
}

func observations() []observation {
	all := observedOfNode()
	all = append(all, observedOfJava()...)
	all = append(all, observedOfPython()...)
	all = append(all, observedOfPHP()...)
	all = append(all, observedOfGo()...)
	all = append(all, observedOfOpenSSL()...)
	return append(all, quotedOfMailKit()...)
}

func observedOfNode() []observation {
	const old, now, next = "nodemailer 4.7.0, Node.js 8.17.0", "nodemailer 7.0.13, Node.js 20.20.2", "nodemailer 8.0.11, Node.js 24.21.0"
	return []observation{
		{old, "nodemailer", "tls.plaintext-port", "Error: 140346780805056:error:140770FC:SSL routines:SSL23_GET_SERVER_HELLO:unknown protocol:../deps/openssl/openssl/ssl/s23_clnt.c:827:\n { code: 'ECONNECTION', command: 'CONN' }"},
		{old, "nodemailer", "tls.certificate-self-signed", "Error: self signed certificate { code: 'ECONNECTION', command: 'CONN' }"},
		{old, "nodemailer", "tls.certificate-host-mismatch", `Error: Hostname/IP doesn't match certificate's altnames: "Host: localhost. is not in the cert's altnames: DNS:mail.example.org" { code: 'ECONNECTION', command: 'CONN' }`},
		{now, "nodemailer", "tls.plaintext-port", "Error: 805CBFFBE07F0000:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/openssl/ssl/record/ssl3_record.c:350:\n { code: 'ESOCKET', command: 'CONN' }"},
		{now, "nodemailer", "tls.certificate-expired", "Error: certificate has expired { code: 'ESOCKET', command: 'CONN' }"},
		{now, "nodemailer", "tls.certificate-host-mismatch", "Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list:  { code: 'ESOCKET', command: 'CONN' }"},
		{now, "nodemailer", "tls.certificate-not-trusted", "Error: unable to get local issuer certificate { code: 'ESOCKET', command: 'CONN' }"},
		{now, "nodemailer", "greeting.timeout", "Error: Greeting never received { code: 'ETIMEDOUT', command: 'CONN' }"},
		{now, "nodemailer", "greeting.refused", "Error: Invalid greeting. response=421 4.3.2 Service not available: 421 4.3.2 Service not available { code: 'EPROTOCOL', command: 'CONN' }"},
		{now, "nodemailer", "session.closed", "Error: Unexpected socket close"},
		{now, "nodemailer", "session.timeout", "Error: Timeout { code: 'ETIMEDOUT', command: 'CONN' }"},
		{now, "nodemailer", "starttls.not-offered", "Error: EHLO failed but HELO does not support required STARTTLS. response=502 5.5.1 Command not implemented: 502 5.5.1 Command not implemented { code: 'ECONNECTION', command: 'EHLO' }"},
		{now, "nodemailer", "envelope.tls-required", "Error: Invalid login: 538 Error: Must issue a STARTTLS command first { code: 'EAUTH', command: 'AUTH PLAIN' }"},
		{now, "nodemailer", "auth.token-refused", "Error: Can't create new access token for user { code: 'EAUTH', command: 'AUTH XOAUTH2' }"},
		{now, "nodemailer", "auth.mechanism-refused", `Error: Unknown authentication method "FOO" { code: 'EAUTH', command: 'API' }`},
		{next, "nodemailer", "tls.plaintext-port", "Error: 400DA265177F0000:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:../deps/openssl/openssl/ssl/record/methods/tlsany_meth.c:77:\n { code: 'ESOCKET', command: 'CONN' }"},
		{next, "nodemailer", "tls.certificate-self-signed", "Error: self-signed certificate; if the root CA is installed locally, try running Node.js with --use-system-ca { code: 'ESOCKET', command: 'CONN' }"},
		{next, "nodemailer", "tls.legacy-only", "Error: 400DA265177F0000:error:0A000102:SSL routines:ssl_choose_client_version:unsupported protocol:../deps/openssl/openssl/ssl/statem/statem_lib.c:2407:\n { code: 'ESOCKET', command: 'CONN' }"},
	}
}

func observedOfJava() []observation {
	const java = "JavaMail 1.6.5, Java 17"
	const connect = "javax.mail.MessagingException: Could not connect to SMTP host: localhost, port: 7001;\n  nested exception is:\n\t"
	return []observation{
		{java, "JavaMail", "tls.plaintext-port", connect + "javax.net.ssl.SSLException: Unsupported or unrecognized SSL message"},
		{java, "JavaMail", "tls.certificate-not-trusted", connect + "javax.net.ssl.SSLHandshakeException: PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target"},
		{java, "JavaMail", "client.trust", connect + "javax.net.ssl.SSLException: Unexpected error: java.security.InvalidAlgorithmParameterException: the trustAnchors parameter must be non-empty"},
		{java, "JavaMail", "tls.legacy-only", connect + "javax.net.ssl.SSLHandshakeException: The server selected protocol version TLS10 is not accepted by client preferences [TLS13, TLS12]"},
		{java, "JavaMail", "tls.certificate-host-mismatch", "javax.mail.MessagingException: Could not convert socket to TLS;\n  nested exception is:\n\tjava.io.IOException: Can't verify identity of server: localhost"},
		{java, "JavaMail", "tls.client-certificate", "javax.mail.MessagingException: Exception reading response;\n  nested exception is:\n\tjavax.net.ssl.SSLHandshakeException: Received fatal alert: certificate_required"},
		{java, "JavaMail", "session.closed", "javax.mail.MessagingException: Got bad greeting from SMTP host: localhost, port: 7003, response: [EOF]"},
		{java, "JavaMail", "session.closed", "javax.mail.MessagingException: Can't send command to SMTP host;\n  nested exception is:\n\tjava.net.SocketException: Broken pipe"},
		{java, "JavaMail", "greeting.refused", "javax.mail.MessagingException: Got bad greeting from SMTP host: localhost, port: 7004, response: 554 5.7.1 mx.example.net ESMTP not accepting connections\n"},
		{java, "JavaMail", "dns.name-not-found", "com.sun.mail.util.MailConnectException: Couldn't connect to host, port: smtp.nosuch.invalid, 587; timeout 2000;\n  nested exception is:\n\tjava.net.UnknownHostException: smtp.nosuch.invalid"},
		{java, "JavaMail", "auth.mechanism-refused", "javax.mail.AuthenticationFailedException: No authentication mechanisms supported by both server and client"},
		{java, "JavaMail", "envelope.recipient-refused", "javax.mail.SendFailedException: Invalid Addresses;\n  nested exception is:\n\tcom.sun.mail.smtp.SMTPAddressFailedException: 550 5.1.1 User unknown\n"},
		{"Jakarta Mail 2.0.0, Java 17", "JavaMail", "starttls.not-offered", "jakarta.mail.MessagingException: STARTTLS is required but host does not support STARTTLS"},
		{"Jakarta Mail 2.0.0, Java 17", "JavaMail", "client.no-credentials", "jakarta.mail.AuthenticationFailedException: failed to connect, no password specified?"},
	}
}

func observedOfPython() []observation {
	const python = "Python 3.11.7"
	return []observation{
		{python, "Python", "tls.plaintext-port", "ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)"},
		{python, "Python", "tls.closed", "ssl.SSLEOFError: [SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol (_ssl.c:1006)"},
		{python, "Python", "tls.weak-parameters", "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: EE certificate key too weak (_ssl.c:1006)"},
		{python, "Python", "tls.server-name-unknown", "ssl.SSLError: [SSL: TLSV1_UNRECOGNIZED_NAME] tlsv1 unrecognized name (_ssl.c:1006)"},
		{python, "Python", "tls.client-certificate", "smtplib.SMTPServerDisconnected: Connection unexpectedly closed: [SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required (_ssl.c:2580)"},
		{python, "Python", "session.timeout", "TimeoutError: _ssl.c:989: The handshake operation timed out"},
		{python, "Python", "greeting.timeout", "smtplib.SMTPServerDisconnected: Connection unexpectedly closed: timed out"},
		{python, "Python", "greeting.not-smtp", "smtplib.SMTPConnectError: (-1, b'/1.1 400 Bad Request')"},
		{python, "Python", "auth.mechanism-refused", "smtplib.SMTPException: No suitable authentication method found."},
		{python, "Python", "envelope.relay-denied", "smtplib.SMTPRecipientsRefused: {'b@example.net': (554, b'5.7.1 <b@example.net>: Relay access denied')}"},
		{"Python 3.9.18", "Python", "tls.weak-parameters", "ssl.SSLError: [SSL: DH_KEY_TOO_SMALL] dh key too small (_ssl.c:1129)"},
	}
}

func observedOfPHP() []observation {
	const php = "PHPMailer 6.6.3, PHP 8.2.36"
	return []observation{
		{php, "PHPMailer", "tls.plaintext-port", "Connection failed. Error #2: stream_socket_client(): SSL operation failed with code 1. OpenSSL Error messages:\nerror:0A00010B:SSL routines::wrong version number"},
		{php, "PHPMailer", "tls.certificate-not-trusted", "SMTP Error: Could not connect to SMTP host. Connection failed. stream_socket_enable_crypto(): SSL operation failed with code 1. OpenSSL Error messages:\nerror:0A000086:SSL routines::certificate verify failed"},
		{php, "PHPMailer", "tls.certificate-host-mismatch", "SMTP Error: Could not connect to SMTP host. Connection failed. stream_socket_enable_crypto(): Peer certificate subjectAltName did not match expected name `localhost'"},
		{php, "PHPMailer", "tls.certificate-host-mismatch", "Connection failed. Error #2: stream_socket_client(): Peer certificate CN=`localhost' did not match expected CN=`127.0.0.1'"},
		{php, "PHPMailer", "connect.unreachable", "SMTP ERROR: Failed to connect to server: No route to host (113)"},
		{php, "PHPMailer", "dns.name-not-found", "SMTP ERROR: Failed to connect to server: php_network_getaddresses: getaddrinfo for smtp.nosuch.invalid failed: Name or service not known (0)"},
		{php, "PHPMailer", "starttls.unavailable", "SMTP Error: Could not connect to SMTP host. STARTTLS command failed TLS not available due to local problem\n"},
		{php, "PHPMailer", "envelope.recipient-refused", "SMTP Error: The following recipients failed: b@example.net: <b@example.net>: Relay access denied\n"},
	}
}

func observedOfGo() []observation {
	const golang = "Go 1.26.8"
	return []observation{
		{golang, "Go", "tls.certificate-not-trusted", `tls: failed to verify certificate: x509: certificate signed by unknown authority (possibly because of "x509: invalid signature: parent certificate cannot sign this kind of certificate" while trying to verify candidate authority certificate "localhost")`},
		{golang, "Go", "tls.certificate-no-san", "tls: failed to verify certificate: x509: certificate relies on legacy Common Name field, use SANs instead"},
		{golang, "Go", "tls.legacy-only", "tls: server selected unsupported protocol version 301"},
		{golang, "Go", "tls.client-certificate", "remote error: tls: bad certificate"},
		{golang, "Go", "data.bare-newline", "smtp: A line must not contain CR or LF"},
		{golang, "Go", "client.setting", "dial tcp: address localhost: missing port in address"},
		{golang, "", "auth.unprotected", "unencrypted connection"},
	}
}

func observedOfOpenSSL() []observation {
	const openssl = "OpenSSL 3.0.19"
	return []observation{
		{openssl, "OpenSSL", "tls.plaintext-port", "40D7BE909F7F0000:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../ssl/record/ssl3_record.c:350:"},
		{openssl, "OpenSSL", "tls.certificate-host-mismatch", "verify error:num=62:hostname mismatch"},
		{openssl, "OpenSSL", "tls.weak-parameters", "Verify return code: 66 (EE certificate key too weak)"},
		{openssl, "OpenSSL", "connect.refused", "4017A5F9C37F0000:error:8000006F:system library:BIO_connect:Connection refused:../crypto/bio/bio_sock2.c:117:calling connect()\nconnect:errno=111"},
		{openssl, "OpenSSL", "tls.client-certificate", "40D75AD74A7F0000:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:../ssl/record/rec_layer_s3.c:1601:SSL alert number 116"},
		{"OpenSSL 1.0.2s in Node.js 8.17.0", "OpenSSL", "greeting.tls-expected", "Error: 139815782736000:error:140760FC:SSL routines:SSL23_GET_CLIENT_HELLO:unknown protocol:../deps/openssl/openssl/ssl/s23_srvr.c:643:"},
	}
}

// MailKit was not run; its sentences are quoted from its source code, with
// the host and the names of a certificate put in.
func quotedOfMailKit() []observation {
	const first = "An error occurred while attempting to establish an SSL or TLS connection.\n\n"
	return []observation{
		{"MailKit of 2026", "MailKit", "tls.plaintext-port", first + "When connecting to an SMTP service, port 587 is typically reserved for plain-text connections. If\nyou intended to connect to SMTP on the SSL port, try connecting to port 465 instead. Otherwise,\nif you intended to use STARTTLS, make sure to use the following code:\n\nclient.Connect (\"smtp.example.org\", 587, SecureSocketOptions.StartTls);\n"},
		{"MailKit of 2020", "MailKit", "tls.certificate-host-mismatch", first + "The host name did not match the name given in the server's SSL certificate.\n"},
		{"MailKit of 2026", "MailKit", "tls.certificate-host-mismatch", first + "The host name (smtp.example.org) did not match any of the names given in the server's SSL certificate:\n  \u2022 mail.example.org"},
		{"MailKit of 2026", "MailKit", "tls.certificate-not-trusted", first + "The server's SSL certificate could not be validated for the following reasons:\n\u2022 The server certificate has the following errors:\n"},
		{"MailKit", "MailKit", "session.closed", "The SMTP server has unexpectedly disconnected: Authentication Failed for a@example.org"},
		{"MailKit", "MailKit", "auth.mechanism-refused", "No compatible authentication mechanisms found."},
		{"MailKit", "MailKit", "client.not-connected", "The SmtpClient must be connected before you can authenticate."},
	}
}
