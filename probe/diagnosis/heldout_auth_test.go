package diagnosis

// foundAuthWordings are replies to AUTH.
func foundAuthWordings() []foundWording {
	return []foundWording{}
}
