package formatting

// The ids of refusals: why a test was not made, or an answer is not to be had.
const (
	RefusedPort        TextID = "policy.port"
	RefusedAddress     TextID = "policy.address"
	RefusedTarget      TextID = "policy.target"
	RefusedPerson      TextID = "who.person"
	RefusedElsewhere   TextID = "who.elsewhere"
	RefusedStranger    TextID = "who.stranger"
	RefusedEnvelope    TextID = "envelope.off"
	RefusedLogin       TextID = "login.off"
	RefusedLoginHost   TextID = "login.host"
	RefusedLoginClear  TextID = "login.clear"
	ProfileUnknown     TextID = "profile.unknown"
	ProfileTarget      TextID = "profile.target"
	ProfileSecret      TextID = "profile.secret"
	LimitPerson        TextID = "limit.person"
	LimitChannel       TextID = "limit.channel"
	LimitTarget        TextID = "limit.target"
	LimitDeep          TextID = "limit.deep"
	LimitBusy          TextID = "limit.busy"
	LimitLoginTarget   TextID = "limit.login-target"
	LimitLoginAccount  TextID = "limit.login-account"
	LimitRecipients    TextID = "limit.recipients"
	LimitRepeat        TextID = "limit.repeat"
	LimitLoginProvider TextID = "limit.login-provider"
	LimitLoginPerson   TextID = "limit.login-person"
	LimitPersonBusy    TextID = "limit.person-busy"
	LimitAnswers       TextID = "limit.answers"
	RunShared          TextID = "run.shared"
	RunGone            TextID = "run.gone"
	RunApart           TextID = "run.apart"
	RunMoved           TextID = "run.moved"
	RunStill           TextID = "run.still"
	RunOld             TextID = "run.old"
	RunElsewhere       TextID = "run.elsewhere"
	RunPrivate         TextID = "run.private"
	RunNotYours        TextID = "run.not-yours"
	RunJoined          TextID = "run.joined"
	RunTwice           TextID = "run.twice"
	MoreNothing        TextID = "run.nothing"
	FormGone           TextID = "form.gone"
	FormUser           TextID = "form.user"
	FormPassword       TextID = "form.password"
	FormMechanism      TextID = "form.mechanism"
	FormMailbox        TextID = "form.mailbox"
	FormLong           TextID = "form.long"
	FaultInternal      TextID = "fault.internal"
	FaultStopping      TextID = "fault.stopping"
	FaultStopped       TextID = "fault.stopped"
	FaultBusy          TextID = "fault.busy"
	FaultForm          TextID = "fault.form"
	FaultApart         TextID = "fault.apart"
	PlaceDirect        TextID = "place.direct"
	PlaceSentDirect    TextID = "place.sent-direct"
	PlaceNowhere       TextID = "place.nowhere"
	PlaceNoThread      TextID = "place.no-thread"
	PlaceNoFile        TextID = "place.no-file"
	PlaceTakenBack     TextID = "place.taken-back"
	PlaceArchived      TextID = "place.archived"
	PlaceReadOnly      TextID = "place.read-only"
	PlaceThreadsOnly   TextID = "place.threads-only"
	PlaceTabOff        TextID = "place.tab-off"
	PlaceDirectClosed  TextID = "place.direct-closed"
	PlaceDirectLocked  TextID = "place.direct-locked"
	PlaceThreadLost    TextID = "place.thread-lost"
	ReasonNoMember     TextID = "reason.no-member"
	ReasonUploadsOff   TextID = "reason.uploads-off"
	ReasonNoScope      TextID = "reason.no-scope"
	ReasonNotTaken     TextID = "reason.not-taken"
	SecretInChannel    TextID = "secret.in-channel"
	SecretPerhaps      TextID = "secret.perhaps"
	MessageEmpty       TextID = "message.empty"
	MessageNoServer    TextID = "message.no-server"
	FormFields         TextID = "form.fields"
	PlaceInDirect      TextID = "place.in-direct"
	PlaceThreadless    TextID = "place.threadless"
	PlaceNotInstalled  TextID = "place.not-installed"
	PlaceLacksRight    TextID = "place.lacks-right"
	PlaceThreadRefused TextID = "place.thread-refused"
	PlaceModerated     TextID = "place.moderated"
	PlaceFollows       TextID = "place.follows"
	PlaceSoon          TextID = "place.soon"
	PlaceNoMember      TextID = "place.no-member"
	PlaceBetween       TextID = "place.between"
	WatchEnds          TextID = "watch.ends"
	WatchGone          TextID = "watch.gone"
	WatchUnknown       TextID = "watch.unknown"
	WatchSame          TextID = "watch.same"
	WatchChannel       TextID = "watch.channel"
	WatchPerson        TextID = "watch.person"
	WatchTarget        TextID = "watch.target"
	WatchBusy          TextID = "watch.busy"
	WatchFixed         TextID = "watch.fixed"
	WatchMissed        TextID = "watch.missed"
)

// refusalTexts say why something was not done. {wait} is a time, {limit} a
// number, {window} the time that it counts over.
var refusalTexts = map[TextID]text{
	RefusedPort: {"Port {port} may not be tested here.", "Allowed are {ports}.",
		"Use one of these, or ask the person who runs this bot to allow it."},
	RefusedAddress: {"This address may not be tested here.",
		"Private, local and special addresses are closed, so that nobody looks into networks through this bot.",
		"Ask the person who runs this bot to allow it."},
	RefusedTarget: {"{target} may not be tested here.", "It has no address that is open to this bot.",
		"Check the name, or ask the person who runs this bot to allow it."},
	RefusedPerson: {"You are not among those who may run tests here.", "", "Ask the person who runs this bot."},
	RefusedElsewhere: {"Tests may not be run in this channel.", "",
		"Use a channel that the person who runs this bot has allowed."},
	RefusedStranger: {"You belong to another organisation than this bot.",
		"Its tests go out in the name of the organisation that runs it.",
		"Ask somebody of that organisation to run the test."},
	RefusedEnvelope: {"Senders and recipients may not be tested here.",
		"Such tests could be used to find out who has a mailbox.",
		"Leave sender, recipient and the question for enforced TLS out, or ask the person who runs this bot to " +
			"switch them on."},
	RefusedLogin: {"Logins may not be tested here.", "",
		"Ask the person who runs this bot to switch them on, or log in from your own terminal with smtptest."},
	RefusedLoginHost: {"Logins may not be tested at {target}.", "Typed passwords go to listed servers only.",
		"Ask the person who runs this bot to list it."},
	RefusedLoginClear: {"A login needs an encrypted connection, and this test was to have none.",
		"The password would be readable on its way.", "Leave the choice of TLS to the test."},

	ProfileUnknown: {"There is no profile of that name that you may use.", "",
		"Write help login for a list of those that you may use."},
	ProfileTarget: {"This profile may not be used at {target}.",
		"A profile's secret goes to the servers that it lists, and to no others.", "Test one of its own servers."},
	ProfileSecret: {"The profile's secret could not be had, so nothing was tested.", "",
		"Tell the person who runs this bot: {reference}."},

	LimitPerson: {"You have run {limit} tests within {window}.", "That is the limit for one person.",
		"Try again in {wait}."},
	LimitChannel: {"{limit} tests were run in this channel within {window}.", "That is the limit for one channel.",
		"Try again in {wait}."},
	LimitTarget: {"{target} was tested {limit} times within {window}.", "More would be a burden for it.",
		"Try again in {wait}."},
	LimitDeep: {"{target} was scanned within {window}.",
		"A scan makes dozens of connections; more would be a burden for it.",
		"Try again in {wait}."},
	LimitBusy: {"All {limit} places for tests are taken.", "A test takes a minute at most.",
		"Try again in {wait}."},
	LimitLoginTarget: {"{limit} logins were tried at this server within {window}.",
		"More could get the bot's address blocked there.", "Try again in {wait}."},
	LimitLoginAccount: {"{limit} logins were tried for this account within {window}.", "More could lock it.",
		"Try again in {wait}."},
	LimitLoginProvider: {"{limit} logins were tried at servers of this provider within {window}.",
		"More could get the bot's address blocked there.", "Try again in {wait}."},
	LimitLoginPerson: {"You have tried {limit} logins within {window}.", "That is the limit for one person.",
		"Try again in {wait}."},
	LimitPersonBusy: {"{limit} tests of yours are running.", "More at once would leave no place for others.",
		"Try again when one is over, or in {wait}."},
	LimitAnswers: {"Too many questions within {window}.", "", "Try again in {wait}."},
	LimitRepeat: {"{target} was tested many times in a row within {window}.",
		"That is done {limit} time in {window} at most, to be kind to the server.", "Try again in {wait}."},
	LimitRecipients: {"You have asked about {limit} recipients within {window}.",
		"That is the limit, so that nobody collects addresses.", "Try again in {wait}."},

	RunGone: {"This result is not kept any more.",
		"Results live for an hour at most, and not over a restart of the bot.",
		"Press “Run again”, or type the command again."},
	RunApart: {"Another copy of this bot may have kept this, and cannot be asked at the moment.", "",
		"Try again in ten seconds."},
	RunMoved: {"This test is over. Its answer stands in another message.", "", ""},
	RunStill: {"This test still runs.", "A test takes a minute at most, and its message changes when it is over.", ""},
	RunOld: {"This result is not kept any more.",
		"Results live for an hour at most, and not over a restart of the bot.", "Type the command again."},
	RunElsewhere: {"This result belongs to another channel.", "", "Type the command here."},
	RunPrivate:   {"This result was shown to one person alone.", "", "Run the test yourself."},
	RunShared:    {"This verdict is shared already.", "", ""},
	RunNotYours: {"Only the person who ran this test can log in from it.", "",
		"Type login HOST:PORT to get a form of your own."},
	RunJoined: {"{target} is being tested here already.", "", "Look at the test that runs."},
	RunTwice:  {"This was asked for a moment ago.", "It runs once.", "Wait for its answer."},

	MoreNothing: {"No connection was made, so there is no conversation to show or to repeat.", "", ""},

	FormGone: {"This form cannot be used any more.",
		"A form is open for ten minutes, is for one person and is used once; nothing was sent.", "Open it again."},
	FormUser:      {"The user name is missing.", "", "Write it as the server knows it, often the whole mail address."},
	FormPassword:  {"The password or token is missing.", "", "Type it or paste it."},
	FormMechanism: {"This mechanism is not known.", "", "Choose one of the list."},
	FormMailbox:   {"This is not a mail address.", "", "Write it like alice@example.com."},
	FormFields: {"The form cannot be used as it was filled in.", "Nothing was sent, and what was typed is not kept.",
		"Open it again."},
	FormLong: {"This is too long.", "At most {limit} characters are taken.", "Check what was pasted."},

	FaultInternal: {"Something went wrong in this bot, not on the mail server.", "",
		"Tell the person who runs this bot this reference: {reference}."},
	FaultStopping: {"The bot is being restarted.", "", "Try again in a minute."},
	FaultBusy:     {"The bot has too much to do at the moment.", "", "Try again in a few seconds."},
	FaultApart: {"The login was not tried: the other copies of this bot cannot be asked at the moment.",
		"Two copies that try one login could lock the account.", "Try again in ten seconds."},
	FaultForm: {"The form could not be opened.", "The platform gives three seconds for that.",
		"Press the button to try again."},
	FaultStopped: {"The bot was restarted before the test was over.", "Nothing is known about the server.",
		"Run it again."},

	PlaceDirect: {"I cannot post in that channel, so the answer is here.", "",
		"Invite the bot there to see answers in it."},
	PlaceSentDirect: {"I cannot post in this channel, so I sent the answer to you as a direct message.", "",
		"Invite the bot here to see answers in this channel: /invite @smtptest."},
	PlaceNowhere: {"I cannot post here, so only you can see this answer.", "",
		"Invite the bot here to share the next one."},
	PlaceNoThread: {"I cannot post in threads here, so only you can see the evidence.", "", ""},
	PlaceNoFile: {"The file could not be attached: {reason}.", "",
		"Invite the bot with /invite @smtptest, or run the test in a direct message with it."},
	PlaceTakenBack: {"The person who asked was told why.", "", ""},

	PlaceArchived: {"This channel is archived, so only you can see this answer.", "", "Use a channel that is not."},
	PlaceReadOnly: {"I may not post in this channel, so only you can see this answer.", "",
		"Use another channel, or have the bot allowed to post here."},
	PlaceThreadsOnly: {"This channel takes messages in threads alone, so only you can see this answer.", "",
		"Mention the bot in a thread to share the next one."},
	PlaceTabOff: {"This app takes no direct messages, so only you can see this answer.", "",
		"Ask the person who runs this bot to switch on the messages tab of the app."},
	PlaceDirectClosed: {"I may not post in that channel, so the answer is here.", "",
		"Use another channel, or have the bot allowed to post there."},
	PlaceDirectLocked: {"That thread is locked, so the answer is here.", "", "Use another thread."},
	PlaceThreadLost:   {"The thread could not be filled, so only you can see the evidence.", "", ""},
	PlaceInDirect:     {"There are no threads in direct messages, so the evidence follows here.", "", ""},
	PlaceThreadless:   {"There are no threads in this kind of channel, so the evidence follows here.", "", ""},
	PlaceNotInstalled: {
		"The bot was not added to this server, so it cannot open a thread and the evidence follows here.", "", ""},
	PlaceLacksRight: {"I cannot open a thread here without the right {right}, so the evidence follows here.", "",
		"Ask somebody who manages this server to give it to the bot."},
	PlaceThreadRefused: {"No thread could be opened here, so the evidence follows here.", "", ""},
	PlaceModerated:     {"The automatic moderation of this server did not take the text, so it is in the file.", "", ""},

	PlaceSoon: {"Many ask here at once: everybody sees this in a moment.", "", ""},
	PlaceNoMember: {"I am not a member of this channel, so there is no thread and the evidence follows here.", "",
		"With /invite @smtptest the next answer has a thread."},
	PlaceBetween: {"I am not part of this conversation, so there is no thread and the evidence follows here.", "", ""},
	PlaceFollows: {"The test of {target} has begun. The answer comes below when it is over.", "", ""},

	WatchEnds: {"The watch ends. Its message says what was seen.", "", ""},
	WatchGone: {"Nobody watches this server any more.", "The bot was restarted, and a watch lives in its memory.",
		"Start the watch again."},
	WatchUnknown: {"The watch could not be reached.", "", "Try again in a moment."},
	WatchSame:    {"It is not watched twice: a watch of it runs in this channel.", "", "Look at its message."},
	WatchChannel: {"It is not watched: {limit} servers are watched in this channel already.", "",
		"Stop one of these watches and start this one again."},
	WatchPerson: {"It is not watched: {limit} watches of yours are running.", "",
		"Stop one of them and start this one again."},
	WatchTarget: {"It is not watched: it is watched in {limit} other channels already.", "More would be a burden for it.",
		"Look there, or run the test again by hand."},
	WatchBusy: {"It is not watched: this bot watches as many servers as it can.", "", "Try again in some minutes."},
	WatchFixed: {"It is not watched: a message that I post here cannot be changed later.", "",
		"Add the bot to this channel and start the watch again."},
	WatchMissed: {"The newest test was left out: the server had been tested {limit} times within {window}.", "", ""},

	ReasonNoMember:   {"the bot is not a member of this channel", "", ""},
	ReasonUploadsOff: {"files are switched off in this workspace", "", ""},
	ReasonNoScope:    {"the bot lacks the right files:write", "", ""},
	ReasonNotTaken:   {"it was refused", "", ""},

	MessageEmpty: {"There is no text in this message that I can read.", "Pictures and files are not read.",
		"Copy the text itself, and write explain with it behind."},
	MessageNoServer: {"There is no mail server in this message.", "A server is a host name with a dot, or an IP address.",
		"Write HOST:PORT, for example smtp.example.com:587."},
	SecretPerhaps: {"If one of your words is a password, everybody in this channel can read it.", "",
		"Then change it, and delete your message."},
	SecretInChannel: {"Everybody in this channel can read your message.", "", "Delete it."},
}

// verdictOf is the head of a refusal, by the subject of its id.
func verdictOf(id TextID) string {
	switch subject(id) {
	case "usage", "secret":
		return "I could not read that"
	case "limit":
		return "Not now"
	case "watch":
		return "Not watched"
	case "run", "form":
		if running(id) {
			return "Already running"
		}
		return "Not possible"
	case "fault":
		if id == FaultStopping || id == FaultStopped {
			return "Stopped"
		}
		return "Not done"
	}
	return "Not tested"
}

// running reports that what was asked for is on its way.
func running(id TextID) bool { return id == RunJoined || id == RunTwice || id == RunStill }

// Notice is a message that only says something: no verdict, nothing tested.
func Notice(id TextID, values ...Value) Message {
	w := Say(id, values...)
	m := Message{Fact: w.What}
	if w.Try != "" {
		m.Notes = []string{w.Try}
	}
	return m
}

// Refusal words why something was not done. It is for the person who asked
// alone, and holds nothing that was typed but what the values hold.
func Refusal(id TextID, values ...Value) Message {
	return RefusalOf(id, Say(id, values...))
}

// RefusalOf is Refusal with sentences that were made already.
func RefusalOf(id TextID, words Words) Message {
	m := Message{Tone: ToneRefused, Verdict: verdictOf(id), Fact: words.What}
	switch {
	case id == FaultInternal || id == FaultStopped:
		m.Tone = ToneUnsure
	case running(id):
		m.Tone = ToneWaiting
	}
	for _, s := range []string{words.Means, words.Try} {
		if s != "" {
			m.Notes = append(m.Notes, s)
		}
	}
	return m
}
