package diagnosis

// foundSessionWordings are replies to all but AUTH.
func foundSessionWordings() []foundWording {
	return []foundWording{}
}
