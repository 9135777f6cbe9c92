package formatting

const tryHostPort = "Write HOST:PORT, for example smtp.example.com:587."

// usageTexts say why a command could not be read: {it} is what the text points
// at, {option} and {want} are the option and the form of its value.
var usageTexts = map[TextID]text{
	"usage.too-long":           {"The text is longer than 1,000 characters.", "", "Send the server and the options alone."},
	"usage.secret":             {"{it} looks like a password or a token.", "I did not use it and will not repeat it.", "Change it, because it stays in the history of the place where you typed it."},
	"usage.forged-link":        {"A link shows another name than it leads to.", "I test neither of the two.", "Type the host name yourself."},
	"usage.no-target":          {"No server is named.", "", tryHostPort},
	"usage.bad-host":           {"{it} is not a host name or an IP address.", "", tryHostPort},
	"usage.host-number":        {"{it} ends in a number like an IPv4 address, and is none.", "Shortened, octal and hexadecimal forms are not read.", "Write four decimal numbers, for example 192.0.2.7."},
	"usage.single-label":       {"{it} is a host name without a dot.", "Such a name means another server on every network.", "Write the whole name, for example smtp.example.com."},
	"usage.mail-address":       {"{it} is a mail address, and a test needs a server.", "", tryHostPort},
	"usage.unknown-scheme":     {"{it} begins with a scheme that is not for mail.", "", "Write HOST:PORT, or use smtp://, smtps://, submission:// or submissions://."},
	"usage.behind-port":        {"{it} goes on behind host and port.", "", tryHostPort},
	"usage.bad-port":           {"{it} names a port that does not exist.", "", "Use 1 to 65535, for example 25, 465 or 587."},
	"usage.port-twice":         {"The port is given twice, and the two differ.", "", "Give it once: HOST:PORT."},
	"usage.extra-word":         {"{it} is one too many.", "A command holds one server, its port and options.", tryHostPort},
	"usage.unknown-topic":      {"{it} is not a topic of help.", "", "Write help options for a list of the options."},
	"usage.unknown-option":     {"{it} is not an option.", "", "Write help options for a list of the options."},
	"usage.option-elsewhere":   {"{option} does not exist here.", "Some options are for terminals only, others for chats only.", "Leave it out."},
	"usage.option-twice":       {"{option} is given twice.", "", "Give it once."},
	"usage.no-value":           {"{option} lacks its value.", "", "Write {option} {want}."},
	"usage.bad-value":          {"{it} is not known.", "", "Write {option} {want}."},
	"usage.bad-switch":         {"{it} is neither true nor false.", "", "Write {option} alone."},
	"usage.bad-mailbox":        {"{it} is not a mail address.", "", "Write it like {option} alice@example.com."},
	"usage.bad-ehlo":           {"{it} cannot be used with EHLO.", "", "Write a host name or an address in brackets, for example {option} client.example.com."},
	"usage.bad-address":        {"{it} is not an IP address.", "", "Write it like {option} 192.0.2.7 or {option} 2001:db8::1."},
	"usage.bad-time":           {"{it} is not a time.", "", "Write seconds or minutes, for example {option} 30s or {option} 1m."},
	"usage.time-range":         {"{it} is too short or too long.", "", "Write it like {option} 30s."},
	"usage.bad-user":           {"{it} is not a user name.", "", "Write it like {option} alice@example.com."},
	"usage.bad-mechanism":      {"{it} is not the name of a SASL mechanism.", "", "Write it like {option} PLAIN or {option} SCRAM-SHA-256."},
	"usage.login-alone":        {"{option} is for a login, and no user is named.", "", "Add --login USER."},
	"usage.unknown-command":    {"{it} is not a command.", "", "To test a host of that name, write its port too: HOST:587."},
	"usage.login-option":       {"On a terminal a login is an option.", "", "Write smtptest HOST:PORT --login USER."},
	"usage.nothing-to-explain": {"There is nothing to explain.", "", "Write a reply, a code, a word or a port behind it, for example explain 535 5.7.8."},
	"usage.bad-file":           {"{it} is empty.", "", "Write {option} {want}."},
	"usage.scheme-tls":         {"The target begins with smtps:// or submissions://, and {option} says otherwise.", "That scheme means TLS from the first octet.", "Leave one of the two out."},
	"usage.at-target":          {"The target is one address and {option} is another.", "Only one of them can be connected to.", "Leave one of the two out."},
	"usage.family-target":      {"{option} asks for one IP version, and the target is an address of the other.", "", "Leave {option} out."},
	"usage.family-at":          {"{option} asks for one IP version, and --at is an address of the other.", "", "Leave one of the two out."},
}
