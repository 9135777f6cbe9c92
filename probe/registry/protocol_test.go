package registry

import (
	"strings"
	"testing"

	"smtptest/probe/smtp"
)

type heardCase struct{ name, heard, want string }

func heardCases() []heardCase {
	return []heardCase{
		{"ssh", "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n", "SSH"},
		{"imap", "* OK [CAPABILITY IMAP4rev1 STARTTLS] Dovecot ready.\r\n", "IMAP"},
		{"imap full", "* BYE Maximum number of connections from user+IP exceeded\r\n", "IMAP"},
		{"pop3", "+OK Dovecot ready.\r\n", "POP3"},
		{"pop3 locked", "-ERR [SYS/TEMP] try again later\r\n", "POP3"},
		{"http", "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n", "HTTP"},
		{"http without status", "<html>\r\n<head><title>400 Bad Request</title>", "HTTP"},
		{"ftp vsftpd", "220 (vsFTPd 3.0.3)\r\n", "FTP"},
		{"ftp pure-ftpd", "220---------- Welcome to Pure-FTPd [privsep] [TLS] ----------\r\n", "FTP"},
		{"ftp microsoft", "220 Microsoft FTP Service\r\n", "FTP"},
		{"ftp after ehlo", "530 Please login with USER and PASS.\r\n", "FTP"},
		{"rfb", "RFB 003.008\n", "RFB"},
		{"mysql", "J\x00\x00\x00\x0a8.0.36\x00", "MySQL"},
		{"mysql cut at the line feed", "J\x00\x00\x00", "MySQL"},
		{"mysql refusal", "E\x00\x00\x00\xffj\x04Host '192.0.2.7' is not allowed to connect", "MySQL"},
		{"postgresql", "E\x00\x00\x00\x84SFATAL\x00VFATAL\x00C0A000\x00", "PostgreSQL"},
		{"redis", "-ERR unknown command 'EHLO', with args beginning with: \r\n", "Redis"},
		{"redis protected", "-DENIED Redis is running in protected mode", "Redis"},
		{"rdp", "\x03\x00\x00\x13\x0e\xd0\x00\x00\x124\x00", "RDP"},
		{"tls alert", "\x15\x03\x01\x00\x02\x02\x28", "TLS"},
		{"tls handshake", "\x16\x03\x03\x00\x5a", "TLS"},
		{"telnet", "\xff\xfd\x18\xff\xfd\x20", "Telnet"},
		{"nntp", "200 news.example.org InterNetNews NNRP server ready\r\n", "NNTP"},
		{"managesieve", "\"IMPLEMENTATION\" \"Dovecot Pigeonhole\"\r\n", "ManageSieve"},
		{"xmpp", "<?xml version='1.0'?><stream:stream", "XMPP"},
		{"amqp", "AMQP\x00\x00\x09\x01", "AMQP"},
		{"rsync", "@RSYNCD: 31.0\n", "rsync"},
		{"lmtp", "220 mail.example.org LMTP ready\r\n", "LMTP"},
		{"smtp", "220 mail.example.org ESMTP Postfix\r\n", "SMTP"},
		{"smtp on a host called ftp", "220 ftp.example.org ready\r\n", "SMTP"},
		{"smtp that mentions ftp", "220 mail.example.org ESMTP, FTP is elsewhere\r\n", "SMTP"},
		{"smtp refusal", "554-gmx.net (mxgmx001) Nemesis ESMTP Service not available\r\n", "SMTP"},
		{"smtp masked", "220 ****************\r\n", "SMTP"},
		{"smtp bare code", "220", "SMTP"},
		{"nothing", "", ""},
		{"blank line", "\r\n", ""},
		{"four digits", "2200 hello", ""},
		{"code without separator", "220hello", ""},
		{"first digit", "120 wait", ""},
		{"free text", "Hello there, who are you?", ""},
		{"zeros", "\x00\x00\x00\x00", ""},
		{"half a tls record", "\x16\x03", ""},
	}
}

func TestProtocol(t *testing.T) {
	for _, c := range heardCases() {
		t.Run(c.name, func(t *testing.T) {
			if got := Protocol([]byte(c.heard)); got != c.want {
				t.Errorf("Protocol(%q) = %q, want %q", c.heard, got, c.want)
			}
			printable := smtp.Printable([]byte(c.heard))
			if got := Protocol([]byte(printable)); got != c.want {
				t.Errorf("Protocol(%q), made printable, = %q, want %q", printable, got, c.want)
			}
		})
	}
}

func TestProtocolIsBounded(t *testing.T) {
	late := "220 " + strings.Repeat("a ", maxProtocolOctets) + "vsFTPd"
	if got := Protocol([]byte(late)); got != "SMTP" {
		t.Errorf("Protocol looked beyond its bound: %q", got)
	}
}

func TestEverySignatureIsTested(t *testing.T) {
	tested := map[string]bool{}
	for _, c := range heardCases() {
		tested[c.want] = true
	}
	for _, s := range signatures() {
		if !tested[s.protocol] {
			t.Errorf("no case for %s", s.protocol)
		}
	}
}

func FuzzProtocol(f *testing.F) {
	known := map[string]bool{"": true}
	for _, s := range signatures() {
		known[s.protocol] = true
	}
	for _, c := range heardCases() {
		f.Add(c.heard)
		f.Add(smtp.Printable([]byte(c.heard)))
	}
	f.Add(`\x`)
	f.Add(`\x1`)
	f.Add(`\xzz`)
	f.Fuzz(func(t *testing.T, heard string) {
		got := Protocol([]byte(heard))
		if !known[got] {
			t.Errorf("Protocol(%q) = %q", heard, got)
		}
		raw := octets([]byte(heard))
		if again := Protocol([]byte(raw)); again != got && !strings.Contains(raw, `\x`) {
			t.Errorf("Protocol(%q) = %q, of its octets %q", heard, got, again)
		}
	})
}
