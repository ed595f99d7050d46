export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** On a line of its own: the shell completes names of files itself, it knows best how they are quoted. */
export const FILES_MARK = ':files'

const bash = `# bash completion of alec-bridge
_alec_bridge() {
  local current=\${COMP_WORDS[COMP_CWORD]} line file
  local -a words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  [[ $current == = ]] && current=
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == ${FILES_MARK} ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$current")
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done < <("\${1/#\\~/$HOME}" complete -- "\${words[@]}" 2>/dev/null)
}
complete -F _alec_bridge alec-bridge
`

const zsh = `#compdef alec-bridge
_alec_bridge() {
  local line
  local -a values
  for line in "\${(@f)$(\${(Q)words[1]/#\\~/$HOME} complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == ${FILES_MARK} ]]; then
      compset -P '--*='
      _files
    elif [[ $line != *$'\\t'* ]]; then
      [[ -n $line ]] && values+=("\${line//:/\\\\:}")
    else
      values+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    fi
  done
  if (( $#values )); then
    compset -P '--*='
    _describe -V alec-bridge values
  fi
}
if [[ $funcstack[1] == _alec_bridge ]]; then
  _alec_bridge "$@"
else
  compdef _alec_bridge alec-bridge
fi
`

const fish = `# fish completion of alec-bridge
function __alec_bridge_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l prefix (string match -r -- '^--[^=]+=' (commandline -ct))
    for line in (alec-bridge complete -- $words[2..] 2>/dev/null)
        if test "$line" = ${FILES_MARK}
            __fish_complete_path (string replace -r -- '^--[^=]+=' '' (commandline -ct)) | string replace -r -- '^' "$prefix"
        else
            echo "$prefix$line"
        end
    end
end
complete -c alec-bridge -f -a '(__alec_bridge_complete)'
`

/** What a shell reads so that it asks the program itself how a line can go on. */
export const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish }
