package main

import "net"

// adminAddr reads HOST:PORT; the host may be empty, a name has no place in it:
// it might come to mean another interface.
func (r *reader) adminAddr(text string) string {
	if text == "" {
		return ""
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil || port == "" || host != "" && host != "localhost" && net.ParseIP(host) == nil {
		r.Wrong("SMTPTEST_ADMIN_ADDR", "is not an address and a port such as 127.0.0.1:9587 or :9587")
	}
	return text
}

// profile reads SMTPTEST_PPROF, which needs an address that only this machine
// can reach.
func (r *reader) profile(v variables) bool {
	on := r.Yes("SMTPTEST_PPROF", v.Profile)
	host, _, _ := net.SplitHostPort(v.AdminAddr)
	if on && !loopback(host) {
		r.Wrong("SMTPTEST_PPROF",
			"is true, while SMTPTEST_ADMIN_ADDR is not on loopback; profiles are for this machine alone")
	}
	return on
}
