#!/bin/sh
# ci.sh STEP: the steps of the pipelines in .github/workflows/firewall.yml and .gitlab-ci.yml. They are the
# same for both, and for a person at a shell.
#
#   fmt               the configuration is as `terraform fmt` writes it
#   validate          it is valid
#   plan [WAVE]       makes plan.out and plan.json, of all hosts or of one wave
#   review            makes review.md, review.html and review.sarif of the plan, and prints the review
#   judge             fails if the review has a warning that $FAIL_ON names
#   comment github    puts review.md on the pull request $PR (one comment, kept up to date)
#   comment gitlab    puts it on the merge request, likewise
#   apply             applies plan.out
set -eu
cd "$(dirname "$0")"
export TF_IN_AUTOMATION=1 TF_INPUT=0

# The review is a subcommand of the provider, which init has fetched. (-L: a plugin cache is a link.)
review() {
	program=$(find -L .terraform/providers -type f -name 'terraform-provider-iptables*' | head -n 1)
	"$program" review "$@"
}

# The token travels on standard input: arguments can be seen by every process of the machine.
gitlab() {
	printf 'header = "PRIVATE-TOKEN: %s"\n' "$REVIEW_TOKEN" | curl --config - --fail --silent --show-error "$@"
}

case $1 in
fmt)
	terraform fmt -check -diff -recursive
	;;
validate)
	terraform init -no-color
	terraform validate -no-color
	;;
plan)
	terraform init -no-color
	terraform plan -no-color -out=plan.out ${2:+"-target=module.wave[\"$2\"]"}
	terraform show -json plan.out >plan.json
	;;
review)
	review --format markdown plan.json >review.md
	review --format html plan.json >review.html
	review --format sarif plan.json >review.sarif
	review plan.json
	;;
judge)
	review --fail-on "$FAIL_ON" plan.json >/dev/null
	;;
comment)
	case $2 in
	github)
		old=$(gh api --paginate "repos/{owner}/{repo}/issues/$PR/comments?per_page=100" --jq \
			'.[] | select(.user.type == "Bot" and (.body | startswith("## Firewall review"))) | .id' | tail -n 1)
		if [ -n "$old" ]; then
			gh api --method PATCH "repos/{owner}/{repo}/issues/comments/$old" --field body=@review.md >/dev/null
		else
			gh pr comment "$PR" --body-file review.md
		fi
		;;
	gitlab)
		notes=$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes
		me=$(gitlab "$CI_API_V4_URL/user" | jq .id)
		old=$(gitlab "$notes?per_page=100" | jq --argjson me "$me" \
			'[.[] | select(.author.id == $me and (.body | startswith("## Firewall review")))][0].id // empty')
		if [ -n "$old" ]; then
			gitlab --request PUT --data-urlencode body@review.md "$notes/$old" >/dev/null
		else
			gitlab --data-urlencode body@review.md "$notes" >/dev/null
		fi
		;;
	esac
	;;
apply)
	terraform apply -no-color plan.out
	;;
*)
	echo "ci.sh: no step $1" >&2
	exit 2
	;;
esac
