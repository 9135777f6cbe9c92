package diagnosis

// strayRules are replies to what this client never sends.
func strayRules() []rule {
	return []rule{
		{
			id: ForeignCommand, owner: OwnerNetwork, confidence: Likely, reference: "RFC 5321 §4.1.1",
			title:  "The server was told something that is not SMTP",
			advice: "Look for a proxy, load balancer or health check that speaks on this connection too.",
			reply:  ForeignCommand,
			explanation: "The server said {reply}. Servers say this to HTTP and other programs; " +
				"this client sends SMTP alone, so something on the way adds words of its own.",
		},
		{
			id: RequireTLS, confidence: Likely, reference: "RFC 8689 §4.2.1",
			title:  "The server wants TLS on the mail's whole path",
			advice: "Switch REQUIRETLS on at the next server, or send without that demand.",
			reply:  RequireTLS,
			explanation: "The server said {reply}: by the registry, 5.7.30 means that REQUIRETLS could not be kept " +
				"up. This test does not ask for it.",
		},
	}
}
