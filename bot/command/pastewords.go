package command

import (
	"slices"
	"strings"

	"smtptest/probe"
)

// role is what a key or an option of other programs says about the value that
// follows.
type role int

const (
	roleNone  role = iota
	roleHost       // a host, with or without its port
	rolePort       // a port
	roleTLS        // how TLS begins, or whether
	roleSkip       // nothing that matters here: a name for EHLO, a mail address
	roleName       // the name of a setting whose value follows under another key
	roleValue      // the value of the setting that was named before
	roleOther      // the value of a setting that is not known
)

// roles are the last parts of the names of settings, in lower case:
// SMTP_HOST, mail.smtp.host and -SmtpServer end in one of these.
var roles = map[string]role{
	"hostname": roleHost, "mailhub": roleHost, "hub": roleHost, "relay": roleHost, "addr": roleHost,
	"address": roleHost, "connect": roleHost,
	"url": roleHost, "uri": roleHost, "dsn": roleHost, "computername": roleHost, "mx": roleHost, "target": roleHost,
	"endpoint": roleHost, "smtp": roleHost, "tcp": roleHost,
	"port": rolePort,
	"name": roleName, "key": roleName, "value": roleValue,
	"ehlo": roleSkip, "helo": roleSkip, "servername": roleSkip, "sni": roleSkip, "from": roleSkip, "to": roleSkip,
	"user": roleSkip, "username": roleSkip, "domain": roleSkip, "rewritedomain": roleSkip, "myhostname": roleSkip,
	"login": roleSkip, "rcpt": roleSkip, "script": roleSkip, "after": roleSkip, "auth": roleSkip,
}

// letters are options of one letter, as each program means them; under "" those
// of any other.
var letters = map[string]map[string]role{
	"swaks": {"s": roleHost, "p": rolePort, "h": roleSkip, "t": roleSkip, "f": roleSkip, "q": roleSkip},
	"bash":  {}, // -c begins a command
	"nc":    {"w": roleSkip, "i": roleSkip, "s": roleSkip, "p": roleSkip},
	"":      {"s": roleHost, "h": roleHost, "p": rolePort, "w": roleSkip, "m": roleSkip, "i": roleSkip, "c": roleSkip},
}

// programs are those that people test a mail server with, or send mail with.
var programs = map[string]probe.Security{
	"telnet": "", "nc": "", "ncat": "", "netcat": "", "swaks": "", "curl": "", "nmap": "", "testssl": "", "testssl.sh": "",
	"sslscan": "", "sslyze": "", "msmtp": "", "ssmtp": "", "sendemail": "", "smtp-cli": "", "socat": "", "bash": "",
	"test-netconnection": "", "tnc": "", "send-mailmessage": "", "tcptraceroute": "", "traceroute": "", "tracert": "",
	"mtr": "", "ping": "", "tcping": "", "psping": "", "paping": "", "mailx": "", "s-nail": "", "smtping": "", "wget": "",
	"openssl": probe.SecurityImplicit, "gnutls-cli": probe.SecurityImplicit, // they begin with TLS unless told otherwise
}

// alias is a program under its usual name.
func alias(program string) string {
	switch program {
	case "ncat", "netcat":
		return "nc"
	}
	return program
}

// switches are options and settings about TLS, joined and in lower case, with
// what they ask for when they are on. The first that the name ends in counts.
var switches = []struct {
	name   string
	option bool // an option, with hyphens
	means  probe.Security
}{
	{"notls", true, probe.SecurityNone}, {"starttlsproto", true, probe.SecuritySTARTTLS},
	{"starttlssmtp", true, probe.SecuritySTARTTLS}, {"enablestarttlsauto", false, probe.SecuritySTARTTLS},
	{"starttlsenable", false, probe.SecuritySTARTTLS}, {"starttlsrequired", false, probe.SecuritySTARTTLS},
	{"starttls", true, probe.SecuritySTARTTLS}, {"starttls", false, probe.SecuritySTARTTLS},
	{"tlsonconnect", true, probe.SecurityImplicit}, {"tlsc", true, probe.SecurityImplicit},
	{"smtps", true, probe.SecurityImplicit}, {"implicit", true, probe.SecurityImplicit},
	{"sslreqd", true, probe.SecuritySTARTTLS}, {"usessl", true, probe.SecuritySTARTTLS}, // curl's and PowerShell's
	{"tls", true, probe.SecuritySTARTTLS}, {"ssl", true, probe.SecurityImplicit},
	{"enablessl", false, probe.SecuritySTARTTLS}, // .NET has no other
	{"usetls", false, probe.SecuritySTARTTLS}, {"usessl", false, probe.SecurityImplicit},
	{"sslenable", false, probe.SecurityImplicit}, {"ssl", false, probe.SecurityImplicit},
	{"smtpsecure", false, probe.SecurityImplicit}, {"secure", false, probe.SecurityImplicit},
	{"encryption", false, ""}, {"protocol", false, ""}, {"security", false, ""}, // only a named value means something
}

// values are what a setting about TLS may be set to, beside on and off.
var values = map[string]probe.Security{
	"starttls": probe.SecuritySTARTTLS, "tls": probe.SecuritySTARTTLS, "ssl": probe.SecurityImplicit,
	"smtps": probe.SecurityImplicit, "ssl/tls": probe.SecurityImplicit, "implicit": probe.SecurityImplicit,
}

// on reports a value that switches something on.
func on(value string) bool {
	return slices.Contains([]string{"true", "yes", "on", "1", "required", "enabled", "always", "smtp"}, value)
}

// fillers are words of sentences and of error messages: where one of them
// stands beside a host, nobody has typed a user and a password.
const fillers = " a an the is are was am it its this that there here and or but not no nor " +
	"can could would will should do does did has have please pls thanks you i we they he she our my your their " +
	"check test try look see tell say says said reach send use try connect connected connecting connection to for from " +
	"of at on in with by via through over after before since when while if as than then " +
	"up down slow dead alive broken work works working closed open refused timed timeout failed fails error hangs " +
	"why what who how which where anybody anyone else again now today hi hey hello team all dial lookup unreachable " +
	"vs both only versus econnrefused etimedout enotfound reset trying understand " +
	"kannst könnt bitte prüfen testen ist geht der die das den mal und oder nicht mit von für auf warum " +
	"peux pouvez est-ce que le la les et ou pas avec chez svp marche pourquoi " +
	"puedes por favor el los las está con funciona qué si "

// filler reports one of these words.
func filler(word string) bool { return among(fillers, word) }

// among reports a word of a list with a space around each.
func among(list, word string) bool { return word != "" && strings.Contains(list, " "+word+" ") }

// harmless are words about mail that mean nothing more.
const harmless = " port host server smtp esmtp mail email tcp mx relay export set "

// files are the endings of names of files that have a dot like a host.
const files = " sh cf conf cfg yml yaml json xml ini log txt nse js ts py rb php pem crt cer key html exe dll " +
	"md java go rs toml properties env local_ lock csv "
