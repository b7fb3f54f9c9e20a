package examples

// fakeGitHub is a gh that knows one pull request, and chooses among its comments as it is asked to. What it is asked to
// write is kept in POSTED, behind how often that was a new comment.
const fakeGitHub = `#!/bin/sh
set -eu
count=$(cat POSTED.github 2>/dev/null || echo 0)
case "$*" in
"api --paginate repos/{owner}/{repo}/issues/7/comments?per_page=100 --jq "*)
	for filter; do :; done
	comments='[{"id":1,"user":{"type":"User"},"body":"## Firewall review\n\nof my own"},{"id":2,"user":{"type":"Bot"},"body":"Coverage"}'
	[ "$count" = 0 ] || comments="$comments,"'{"id":3,"user":{"type":"Bot"},"body":"## Firewall review\n\nan old one"}'
	printf '%s]' "$comments" | jq "$filter"
	;;
"pr comment 7 --body-file review.md")
	echo $((count + 1)) >POSTED.github
	{ echo "$((count + 1)) new on GitHub"; cat review.md; } >POSTED
	;;
"api --method PATCH repos/{owner}/{repo}/issues/comments/3 --field body=@review.md") { echo "$count new on GitHub"; cat review.md; } >POSTED ;;
*) echo "gh: what is $*?" >&2; exit 1 ;;
esac
`

// fakeGitLab is a curl that knows one merge request, with the note of somebody else. What it is asked to write is kept
// in POSTED, behind how often that was a new note.
const fakeGitLab = `#!/bin/sh
set -eu
grep -qx 'header = "PRIVATE-TOKEN: gitlab-secret"' # of its standard input
for url; do :; done
count=$(cat POSTED.count 2>/dev/null || echo 0)
case "$*" in
*/user) printf '%s\n' '{"id":42,"username":"project_1_bot"}' ;;
*/notes?per_page=100)
	printf '%s\n' '[{"id":7,"type":null,"body":"## Firewall review\n\nof my own","author":{"id":1}}'
	[ "$count" = 0 ] || printf '%s\n' ',{"id":301,"type":null,"body":"## Firewall review\n\nan old one","author":{"id":42}}'
	printf ']\n'
	;;
*"--request PUT "*/notes/301) { echo "$count new: $url"; cat review.md; } >POSTED ;;
*body@review.md*/notes)
	echo $((count + 1)) >POSTED.count
	{ echo "$((count + 1)) new: $url"; cat review.md; } >POSTED
	;;
*) echo "curl: what is $*?" >&2; exit 22 ;;
esac
`
