package smtp

import "testing"

func TestLegible(t *testing.T) {
	for _, tt := range []struct {
		name, octets, want string
		cut                bool
	}{
		{"UTF-8", "Accès refusé", "Accès refusé", false},
		{"UTF-8, cut within a character", "Accès refus\xc3", `Accès refus\xc3`, true},
		{"Latin-1", "Zugriff f\xfcr Sie gesperrt", "Zugriff für Sie gesperrt", false},
		{"Latin-1 with neighbours", "Gr\xfc\xdfe f\xfcr Sie", "Grüße für Sie", false},
		{"GB 2312", "\xc7\xeb\xca\xb9\xd3\xc3\xca\xda\xc8\xa8\xc2\xeb\xb5\xc7\xc2\xbc\xa1\xa3", "请使用授权码登录。", false},
		{"Shift JIS", "\x83\x81\x81[\x83\x8b\x82\xcd\x8e\xf3\x82\xaf\x8e\xe6\x82\xea\x82\xdc\x82\xb9\x82\xf1",
			"メールは受け取れません", false},
		{"EUC-JP", "\xa5\xe1\xa1\xbc\xa5\xeb\xa4\xcf", "メールは", false},
		{"Korean or Chinese: not decided", "\xb0\xa1\xb3\xaa", `\xb0\xa1\xb3\xaa`, false},
		{"a pair that looks like UTF-8 beside octets that do not", "\xc8\xa8 \xff\xfe\x90", `\xc8\xa8 \xff\xfe\x90`, false},
		{"an escape of a terminal inside GB 2312", "\xca\xda\xc8\xa8\x1b[2J\xc2\xeb", `授权\x1b[2J码`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := legible([]byte(tt.octets), tt.cut); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
