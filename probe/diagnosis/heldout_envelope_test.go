package diagnosis

// foundEnvelopeWordings are replies to MAIL and RCPT that are about neither
// address.
func foundEnvelopeWordings() []foundWording {
	return []foundWording{
		{wording{"Courier, TLS first", "MAIL", "400 STARTTLS is required first.", TLSRequired}, courier + ", courieresmtpd", true},
		{wording{"mox, TLS first", "MAIL", "530 5.7.0 STARTTLS required for mail delivery", TLSRequired}, moxSMTP, true},
		{wording{"Sendmail, no certificate", "MAIL", "403 4.7.0 not authenticated", ClientCertificate}, sendCF + ", proto.m4 (TLS_connection, for TLS_Clt: VERIFY)", false},
		{wording{"Sendmail, certificate of another CA", "MAIL", "403 4.7.0 Cert Issuer /CN=Example not acceptable", ClientCertificate}, sendCF + ", proto.m4 (TLS_connection)", false},
		{wording{"Postfix, PTR at RCPT", "RCPT", "450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.7]", EHLOClientRefused}, logStats, false},
		{wording{"Exim, PTR at RCPT", "RCPT", "550-Inconsistent/Missing DNS PTR record (RFC 1912 2.1) (mail.example.test)\n550 [192.0.2.7]:39153", EHLOClientRefused}, logStats, false},
		{wording{"Sendmail, PTR", "RCPT", "550 5.7.1 Fix reverse DNS for 192.0.2.7", EHLOClientRefused}, sendCF + ", proto.m4 (require_rdns)", false},
		{wording{"Sendmail, relay without PTR", "RCPT", "550 5.7.1 <b@example.test>... Relaying denied. IP name lookup failed [192.0.2.7]", RelayDenied}, sendCF + ", proto.m4", true},
		{wording{"iCloud, name at RCPT", "RCPT", "450 4.7.1 <mail.example.test>: Helo command rejected: Host not found", EHLONameRefused}, "sisimai/set-of-emails#11", false},
		{wording{"Sendmail, name at MAIL", "MAIL", "550 5.7.1 bogus HELO name used: localhost", EHLONameRefused}, sendCF + ", proto.m4 (block_bad_helo)", false},
		{wording{"Haraka, login", "MAIL", "550 Authentication required", LoginRequired}, haraka + ", connection.js", true},
		{wording{"smtp-server, login", "MAIL", "530 Error: authentication Required", LoginRequired}, nodeSMTP, true},
		{wording{"La Poste, login", "MAIL", "550 5.5.0 Authentification requise. Authentication Required. LPN105_402", LoginRequired}, laPoste, true},

		{wording{"Sendmail, access map", "MAIL", "550 5.7.1 <a@example.test>... Access denied", AccessDenied}, sendCF + ", proto.m4", false},
		{wording{"IronPort, access table", "RCPT", "550 #5.7.1 Your access to submit messages to this e-mail system has been rejected.", AccessDenied}, zoneMTA, false},
		{wording{"Postfix, client at RCPT", "RCPT", "554 <unknown[192.0.2.7]>: Client host rejected: Access denied", AccessDenied}, bounceRules, true},
		{wording{"Debian's Exim, client list", "RCPT", "550 sender IP address 192.0.2.7 is locally blacklisted here. If you think this is wrong, get in touch with postmaster", AccessDenied}, eximConf, false},
		{wording{"Debian's Exim, sender list", "RCPT", "550 sender envelope address a@example.test is locally blacklisted here. If you think this is wrong, get in touch with postmaster", AccessDenied}, eximConf, false},
		{wording{"qpsmtpd, sender list", "MAIL", "550 Your envelope sender is in my badmailfrom list", AccessDenied}, qpsmtpd + ", plugins/badmailfrom", false},
		{wording{"Postfix, recipient list", "RCPT", "554 5.7.1 <b@example.test>: Recipient address rejected: Access denied", AccessDenied}, "takeyamajp/docker-postfix#6; the same words had been composed", false},

		{wording{"smtp-server, impatient", "MAIL", "421 Timeout - closing connection", CommandLost}, "nodemailer/smtp-server#190", false},
		{wording{"go-smtp, impatient", "MAIL", "421 4.4.2 Idle timeout, bye bye", CommandLost}, goSMTP + ", server.go", false},
		{wording{"GMX, impatient", "MAIL", "421 gmx.net Service closing transmission channel - command timeout", CommandLost}, "chatmail/filtermail#143", true},
		{wording{"Exchange, impatient", "MAIL", "421 4.4.1 Connection timed out. Total session duration: 00:05:00.7054661", CommandLost}, "zone-eu/zone-mta#161", false},
		{wording{"Gmail, impatient", "MAIL", "451 4.4.2 Timeout - closing connection. n9sm6613295wrx.46 - gsmtp", CommandLost}, "public code index, file 9210435833 (quoted in a mailer)", false},

		{wording{"mox, parameter", "MAIL", "555 5.3.3 unrecognized parameter \"SMTPUTF8\"", ParameterRefused}, moxSMTP, true},
		{wording{"go-smtp, parameter", "MAIL", "504 5.5.4 SMTPUTF8 is not implemented", ParameterRefused}, goSMTP + ", conn.go", false},
		{wording{"Sendmail, parameter", "MAIL", "555 5.5.4 SMTPUTF8 parameter unrecognized", ParameterRefused}, sendmail, true},
		{wording{"OpenSMTPD, parameter", "MAIL", "503 5.5.4 Invalid command arguments: Unsupported option SMTPUTF8", ParameterRefused}, smtpd, false},
		{wording{"Haraka, parameter", "MAIL", "555 Invalid command parameters", ParameterRefused}, haraka + ", connection.js", true},
		{wording{"OpenSMTPD, pipelining", "MAIL", "500 5.5.1 Invalid command: Pipelining not supported", PipeliningRefused}, smtpd, false},

		{wording{"Postfix, mails", "MAIL", "450 4.7.1 Error: too much mail from 192.0.2.7", Throttled}, postfix + ", smtpd", true},
		{wording{"Sendmail, recipients", "RCPT", "421 4.7.0 mx.example.test Too many bad recipients; closing connection", Throttled}, sendmail, false},
		{wording{"Exim, mails", "MAIL", "421 too many messages in this connection", Throttled}, exim, false},
		{wording{"chasquid, errors", "RCPT", "421 4.5.0 Too many errors, bye", Throttled}, chasquid, true},
		{wording{"aiosmtpd, commands", "MAIL", "421 4.7.0 MAIL sent too many times", Throttled}, aiosmtpd, false},
		{wording{"Rackspace, new address", "RCPT", "451 4.7.1 Received too many messages from a new or untrusted IP: 192.0.2.7 (Z27/80343E7) (G28)", Throttled}, mailcow, false},
		{wording{"Comcast, rate", "MAIL", "451 4.2.0 Throttled - https://postmaster.comcast.net/smtp-error-codes.php#RL000010", Throttled}, mailcow, true},

		{wording{"Sendmail, list", "RCPT", "550 5.7.1 Rejected: 192.0.2.7 listed at zen.spamhaus.org", Reputation}, sendCF + ", feature/dnsbl.m4; " + zoneMTA, true},
		{wording{"La Poste, list", "RCPT", "550 5.7.1 Service unavailable; client [192.0.2.7] blocked using Spamhaus", Reputation}, laPoste, true},
		{wording{"Yahoo, XBL", "MAIL", "553 5.7.1 [BL23] Connections not accepted from IP addresses on Spamhaus XBL; see http://postmaster.yahoo.com/errors/550-bl23.html [550]", Reputation}, "sisimai/go-sisimai, rhost/for-yahooinc.go", true},
		{wording{"AT&T, list at MAIL", "MAIL", "553 5.3.0 flph825 DNSBL:RBL 521< 192.0.2.7 >_is_blocked.For assistance forward this error to abuse_rbl@abuse-att.net", Reputation}, logStats, true},
		{wording{"Haraka, backscatterer", "MAIL", "550 Host mail.example.test [192.0.2.7] is listed by ips.backscatterer.org", Reputation}, "npm, haraka-plugin-dns-list 1.3.0", false},
		{wording{"list in an RBL", "RCPT", "554 Refused. Your IP address is listed in the RBL at xbl.spamhaus.org", Reputation}, zoneMTA, true},
		{wording{"Mimecast", "RCPT", "550 csi.mimecast.org Poor Reputation Sender. - https://community.mimecast.com/docs/DOC-1369#550 [vH7Ns8biNg-p6EfZ0QaVMQ.us149]", Reputation}, zoneMTA, true},
		{wording{"Microsoft, S775", "MAIL", "451 4.7.650 The mail server [192.0.2.7] has been temporarily rate limited due to IP reputation. For e-mail delivery information, see https://postmaster.live.com (S775)", Reputation}, "sisimai/go-sisimai, rhost/for-microsoft.go", false},
		{wording{"policyd-weight", "RCPT", "550 5.7.1 <b@example.test>: Recipient address rejected: Mail appeared to be SPAM or forged. Ask your Mail/DNS-Administrator to correct HELO and DNS MX settings or to get removed from DNSBLs", Reputation}, "Debian, policyd-weight 0.1.15.2-12.1", true},

		{wording{"Courier, disk", "MAIL", "431 Mail system full.", StorageFull}, courier + ", submit", false},
		{wording{"Exchange, back pressure", "MAIL", "452 4.3.1 Insufficient system resources", StorageFull}, "MicrosoftDocs/OfficeDocs-Exchange#2292", true},
		{wording{"RFC 5321, storage", "MAIL", "452 Requested action not taken: insufficient system storage", StorageFull}, "RFC 5321 in mirage/colombe, reply_codes.md", true},
		{wording{"Haraka, directory", "RCPT", "450 Backend failure. Please, retry later", EnvelopeFault}, "npm, haraka-plugin-rcpt-ldap 1.1.0", false},
		{wording{"chasquid, lookup", "RCPT", "451 4.4.3 Temporary error checking address", EnvelopeFault}, chasquid, false},
		{wording{"Sendmail, map", "MAIL", "451 4.3.0 Temporary system failure. Please try again later.", EnvelopeFault}, sendCF + ", proto.m4 (_TMPFMSG_)", true},
		{wording{"smtp-server, fault", "MAIL", "451 Error: internal server error", EnvelopeFault}, nodeSMTP, true},
		{wording{"hot.ee, configuration", "RCPT", "451 4.3.5 Server configuration problem", EnvelopeFault}, zoneMTA + "; " + postfix + ", smtpd", true},
	}
}
