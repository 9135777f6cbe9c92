package diagnosis

// strayEntries are replies to what this client never sends.
func strayEntries() []entry {
	return []entry{
		reply(entry{
			id: ForeignCommand, severity: Error, owner: OwnerNetwork, confidence: Likely, reference: "RFC 5321 §4.1.1",
			title:  "The server was told something that is not SMTP",
			advice: "Look for a proxy, load balancer or health check that speaks on this connection too.",
		}, "The server said %s. Servers say this to HTTP and other programs; this client sends SMTP alone, so something on the way adds words of its own."),
		reply(entry{
			id: RequireTLS, severity: Error, owner: OwnerServer, confidence: Likely, reference: "RFC 8689 §4.2.1",
			title:  "The server wants TLS on the mail's whole path",
			advice: "Switch REQUIRETLS on at the next server, or send without that demand.",
		}, "The server said %s: by the registry, 5.7.30 means that REQUIRETLS could not be kept up. This test does not ask for it."),
	}
}
