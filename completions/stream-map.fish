function __stream-map_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __stream-map_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __stream-map_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __stream-map_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __stream-map_parse_tokens -S
    set -l unparsed_tokens (__stream-map_tokens -pc)
    switch $unparsed_tokens[1]
    case 'stream-map'
        __stream-map_parse_subcommand 0 'explode=' 'with=+' 'where=+' 'select=+' 'drop=+' 'limit=' 'exec=' 'exec-format=' 'schema=' 'no-header' 'v/verbose' 'q/quiet' 'name=' 'compression=' 'log-format=' 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'help'
            __stream-map_parse_subcommand -r 1 'version'
        end
    end
end

function __stream-map_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __stream-map_parse_subcommand -S -a positional_count
    argparse -s r -- $argv
    set -l option_specs $argv[2..]
    set -l is_repeating_positional $_flag_r
    set -el _flag_r
    set -a commands $unparsed_tokens[1]
    set positional_index 0
    while true
        set -e unparsed_tokens[1]
        argparse -sn "$commands" $option_specs -- $unparsed_tokens 2> /dev/null
        set unparsed_tokens $argv
        set positional_index (math $positional_index + 1)
        for non_repeating_flag_or_option in $non_repeating_flags_or_options
            if set -ql "_flag_$(string replace -a - _ -- $non_repeating_flag_or_option)"
                set non_repeating_flags_or_options_absent 1
                break
            end
        end
        test (count $unparsed_tokens) -eq 0 -o \( -z "$is_repeating_positional" -a "$positional_index" -gt "$positional_count" \) && break
    end
end

function __stream-map_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __stream-map_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__stream-map_tokens -p)
    if test -z "$(__stream-map_tokens -t)"
        set -l index (count (__stream-map_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'stream-map' -f
complete -c 'stream-map' -n '__stream-map_should_offer_completions_for_flags_or_options "stream-map" explode' -l 'explode' -d 'Make a row of each element of an array or a map; also posexplode(a), inline(array of structs) and stack(count, a, b, …), the first two also with _outer.' -rfka ''
complete -c 'stream-map' -n '__stream-map_should_offer_completions_for_flags_or_options "stream-map"' -l 'with' -d 'Add a column, or replace the one of that name; may be repeated, and may be a list.' -rfka ''
complete -c 'stream-map' -n '__stream-map_should_offer_completions_for_flags_or_options "stream-map"' -l 'where' -d 'Keep the rows for which this is true.' -rfka ''
complete -c 'stream-map' -n '__stream-map_should_offer_completions_for_flags_or_options "stream-map"' -l 'select' -d 'Send these columns, in this order.' -rfka ''
complete -c 'stream-map' -n '__stream-map_should_offer_completions_for_flags_or_options "stream-map"' -l 'drop' -d 'Leave these columns out.' -rfka ''
complete -c 'stream-map' -n '__stream-map_should_offer_completions_for_flags_or_options "stream-map" limit' -l 'limit' -d 'End after so many rows.' -rfka ''
complete -c 'stream-map' -n '__stream-map_should_offer_completions_for_flags_or_options "stream-map" exec' -l 'exec' -d 'Send the rows of each epoch through what the shell runs.' -rfka ''
complete -c 'stream-map' -n '__stream-map_should_offer_completions_for_flags_or_options "stream-map" exec-format' -l 'exec-format' -d 'How CMD reads and writes rows: json (a line each, the default), csv, text or arrow.' -rfka ''
complete -c 'stream-map' -n '__stream-map_should_offer_completions_for_flags_or_options "stream-map" schema' -l 'schema' -d 'The columns of the rows that CMD writes (default: those that it reads).' -rfka ''
complete -c 'stream-map' -n '__stream-map_should_offer_completions_for_flags_or_options "stream-map" no-header' -l 'no-header' -d 'CSV of CMD: no names of columns, neither way.'
complete -c 'stream-map' -n '__stream-map_should_offer_completions_for_flags_or_options "stream-map"' -s 'v' -l 'verbose' -d 'Say on standard error what was done; repeat for more.'
complete -c 'stream-map' -n '__stream-map_should_offer_completions_for_flags_or_options "stream-map" q quiet' -s 'q' -l 'quiet' -d 'Say nothing on standard error but errors.'
complete -c 'stream-map' -n '__stream-map_should_offer_completions_for_flags_or_options "stream-map" name' -l 'name' -d 'Call the branch that starts with this stage so.' -rfka ''
complete -c 'stream-map' -n '__stream-map_should_offer_completions_for_flags_or_options "stream-map" compression' -l 'compression' -d 'Compress what goes to the next stage: auto (when there is time to spare), zstd[:LEVEL] or none.' -rfka ''
complete -c 'stream-map' -n '__stream-map_should_offer_completions_for_flags_or_options "stream-map" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-map' -n '__stream-map_should_offer_completions_for_flags_or_options "stream-map" version' -l 'version' -d 'Show the version.'
complete -c 'stream-map' -n '__stream-map_should_offer_completions_for_flags_or_options "stream-map" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-map' -n '__stream-map_should_offer_completions_for_positional "stream-map" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'stream-map' -n '__stream-map_should_offer_completions_for_flags_or_options "stream-map help" version' -l 'version' -d 'Show the version.'
