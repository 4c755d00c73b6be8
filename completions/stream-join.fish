function __stream-join_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __stream-join_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __stream-join_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __stream-join_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __stream-join_parse_tokens -S
    set -l unparsed_tokens (__stream-join_tokens -pc)
    switch $unparsed_tokens[1]
    case 'stream-join'
        __stream-join_parse_subcommand 0 'on=' 'type=' 'prefix-right=' 'table=' 'table-format=' 'table-schema=' 'table-query=' 'refresh=' 'stream=' 'watermark-policy=' 'state-memory=' 'v/verbose' 'q/quiet' 'name=' 'compression=' 'log-format=' 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'help'
            __stream-join_parse_subcommand -r 1 'version'
        end
    end
end

function __stream-join_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __stream-join_parse_subcommand -S -a positional_count
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

function __stream-join_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __stream-join_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__stream-join_tokens -p)
    if test -z "$(__stream-join_tokens -t)"
        set -l index (count (__stream-join_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'stream-join' -f
complete -c 'stream-join' -n '__stream-join_should_offer_completions_for_flags_or_options "stream-join" on' -l 'on' -d 'Names of columns that both sides have, such as \'id\'; or a condition, such as \'l.id = r.key AND l.n > r.low\'.' -rfka ''
complete -c 'stream-join' -n '__stream-join_should_offer_completions_for_flags_or_options "stream-join" type' -l 'type' -d 'Which rows come out: inner (the default), left, right, full, semi or anti.' -rfka ''
complete -c 'stream-join' -n '__stream-join_should_offer_completions_for_flags_or_options "stream-join" prefix-right' -l 'prefix-right' -d 'What to put in front of the name of a column of the right side, if the left side has one of that name. Default: _right behind it.' -rfka ''
complete -c 'stream-join' -n '__stream-join_should_offer_completions_for_flags_or_options "stream-join" table' -l 'table' -d 'Join with this table: a file, or sqlite:FILE for one in a database.' -rfka ''
complete -c 'stream-join' -n '__stream-join_should_offer_completions_for_flags_or_options "stream-join" table-format' -l 'table-format' -d 'Read text, csv, json, arrow or parquet. Default: what the ending of the file says.' -rfka ''
complete -c 'stream-join' -n '__stream-join_should_offer_completions_for_flags_or_options "stream-join" table-schema' -l 'table-schema' -d 'What the table holds, such as \'id bigint, name string\'. Default: guessed from the first rows when the query starts for the first time.' -rfka ''
complete -c 'stream-join' -n '__stream-join_should_offer_completions_for_flags_or_options "stream-join" table-query' -l 'table-query' -d 'sqlite: the SELECT whose rows are the table. Default: the only table of the database.' -rfka ''
complete -c 'stream-join' -n '__stream-join_should_offer_completions_for_flags_or_options "stream-join" refresh' -l 'refresh' -d 'Read the table again when it has changed, but no more often than this, and between two epochs alone. Default: once, at the start.' -rfka ''
complete -c 'stream-join' -n '__stream-join_should_offer_completions_for_flags_or_options "stream-join" stream' -l 'stream' -d 'Join with this stream: <(…) of the shell, a FIFO or a file.' -rfka ''
complete -c 'stream-join' -n '__stream-join_should_offer_completions_for_flags_or_options "stream-join" watermark-policy' -l 'watermark-policy' -d 'Which watermark holds: min, that of the slower input (the default), or max, that of the faster.' -rfka ''
complete -c 'stream-join' -n '__stream-join_should_offer_completions_for_flags_or_options "stream-join" state-memory' -l 'state-memory' -d 'Stop with an error when the rows that wait take more memory than this (default: half of the machine\'s).' -rfka ''
complete -c 'stream-join' -n '__stream-join_should_offer_completions_for_flags_or_options "stream-join"' -s 'v' -l 'verbose' -d 'Say on standard error what was done; repeat for more.'
complete -c 'stream-join' -n '__stream-join_should_offer_completions_for_flags_or_options "stream-join" q quiet' -s 'q' -l 'quiet' -d 'Say nothing on standard error but errors.'
complete -c 'stream-join' -n '__stream-join_should_offer_completions_for_flags_or_options "stream-join" name' -l 'name' -d 'Call the branch that starts with this stage so.' -rfka ''
complete -c 'stream-join' -n '__stream-join_should_offer_completions_for_flags_or_options "stream-join" compression' -l 'compression' -d 'Compress what goes to the next stage: auto (when there is time to spare), zstd[:LEVEL] or none.' -rfka ''
complete -c 'stream-join' -n '__stream-join_should_offer_completions_for_flags_or_options "stream-join" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-join' -n '__stream-join_should_offer_completions_for_flags_or_options "stream-join" version' -l 'version' -d 'Show the version.'
complete -c 'stream-join' -n '__stream-join_should_offer_completions_for_flags_or_options "stream-join" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-join' -n '__stream-join_should_offer_completions_for_positional "stream-join" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'stream-join' -n '__stream-join_should_offer_completions_for_flags_or_options "stream-join help" version' -l 'version' -d 'Show the version.'
