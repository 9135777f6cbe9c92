package settings

import (
	"os"

	"smtptest/probe/remote/broker"
)

// Broker are the variables that say how NATS is reached.
type Broker struct{ URL, Creds, Nkey, CA string }

// Connection is what they mean; nil: there is no broker. Name, inbox and handlers
// are the caller's.
func (r *Reader) Connection(v Broker) *broker.Connection {
	const variable = "SMTPTEST_NATS_URL"
	e := &broker.Connection{Creds: v.Creds, Nkey: v.Nkey, Roots: r.Roots("SMTPTEST_NATS_CA_FILE", v.CA)}
	e.URLs = r.List(variable, v.URL)
	for name, file := range map[string]string{
		"SMTPTEST_NATS_CREDS_FILE": e.Creds, "SMTPTEST_NATS_NKEY_FILE": e.Nkey, "SMTPTEST_NATS_CA_FILE": v.CA,
	} {
		if file == "" {
			continue
		}
		if _, err := os.Stat(file); err != nil {
			r.Wrong(name, "names a file that cannot be read. Check its name and rights")
		}
		if len(e.URLs) == 0 {
			r.Wrong(name, "is set, and SMTPTEST_NATS_URL is not: there is no engine to connect to")
		}
	}
	if e.Creds != "" && e.Nkey != "" {
		r.Wrong("SMTPTEST_NATS_NKEY_FILE", "and SMTPTEST_NATS_CREDS_FILE are two ways to say the same; give one of them")
	}
	open := 0
	for i, text := range e.URLs {
		switch clear, says := broker.CheckURL(text); {
		case says != "":
			r.Wrong(variable, "lists, as entry %d, %s", i+1, says)
		case clear:
			open++
		}
	}
	if e.Clear = open > 0; e.Clear && open < len(e.URLs) {
		r.Wrong(variable, "mixes servers on this machine without TLS with others; give one kind")
	}
	if len(e.URLs) == 0 {
		return nil
	}
	return e
}
