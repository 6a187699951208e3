# Completion for lbd, vrrpd, syncd, applyd, lbctl and lbsnmpd in bash. The options and commands are those that the program itself
# tells, so there is no list here.

_tandem_usage() {
  case ${1##*/} in
    vrrpd) "$1" --help ;;
    *) "$1" -h ;;
  esac 2>&1 </dev/null
}

_tandem() {
  local program=$1 current=$2 previous=$3 usage word have_command=''
  usage=$(_tandem_usage "$program")
  COMPREPLY=()
  case $current in
    -*)
      mapfile -t COMPREPLY < <(compgen -W "$(sed -n 's/^ *\(-[^ ,<=[]*\),\{0,1\}\( *--[a-z-]*\)\{0,1\}.*/\1 \2/p' <<<"$usage")" -- "$current")
      return
      ;;
  esac
  if [[ ${program##*/} == lbctl && $previous != -[lrysm] ]]; then
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
      [[ $word == -* || $word == /* ]] || have_command=$word
    done
    if [[ -z $have_command ]]; then
      mapfile -t COMPREPLY < <(compgen -W "$(sed -n '/^Commands:/,$s/^  \([a-z][a-z-]*\)  .*/\1/p' <<<"$usage")" -- "$current")
      return
    fi
  fi
  mapfile -t COMPREPLY < <(compgen -f -- "$current")
}

complete -o filenames -F _tandem lbd vrrpd syncd applyd lbctl lbsnmpd
