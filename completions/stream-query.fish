function __stream-query_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __stream-query_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __stream-query_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __stream-query_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __stream-query_parse_tokens -S
    set -l unparsed_tokens (__stream-query_tokens -pc)
    switch $unparsed_tokens[1]
    case 'stream-query'
        __stream-query_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'show'
            __stream-query_parse_subcommand 1 'json' 'log-format=' 'version' 'h/help'
        case 'list'
            __stream-query_parse_subcommand -r 1 'json' 'log-format=' 'version' 'h/help'
        case 'progress'
            __stream-query_parse_subcommand 1 'last=' 'follow' 'json' 'log-format=' 'version' 'h/help'
        case 'explain'
            __stream-query_parse_subcommand 1 'json' 'log-format=' 'version' 'h/help'
        case 'stop'
            __stream-query_parse_subcommand 1 'wait' 'timeout=' 'json' 'log-format=' 'version' 'h/help'
        case 'wait'
            __stream-query_parse_subcommand -r 1 'any' 'epoch=' 'watermark=' 'timeout=' 'json' 'log-format=' 'version' 'h/help'
        case 'check'
            __stream-query_parse_subcommand 1 'json' 'log-format=' 'version' 'h/help'
        case 'state'
            __stream-query_parse_subcommand 2 'epoch=' 'format=' 'json' 'log-format=' 'version' 'h/help'
        case 'reset'
            __stream-query_parse_subcommand 1 'to=' 'list' 'yes' 'json' 'log-format=' 'version' 'h/help'
        case 'help'
            __stream-query_parse_subcommand -r 1 'version'
        end
    end
end

function __stream-query_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __stream-query_parse_subcommand -S -a positional_count
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

function __stream-query_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __stream-query_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__stream-query_tokens -p)
    if test -z "$(__stream-query_tokens -t)"
        set -l index (count (__stream-query_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'stream-query' -f
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query" version' -l 'version' -d 'Show the version.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_positional "stream-query" -eq 1' -fa 'show' -d 'Show what a query is and how far it has come.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_positional "stream-query" -eq 1' -fa 'list' -d 'List the checkpoints below directories.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_positional "stream-query" -eq 1' -fa 'progress' -d 'Show the last commits.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_positional "stream-query" -eq 1' -fa 'explain' -d 'Say in words what a query waits for.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_positional "stream-query" -eq 1' -fa 'stop' -d 'Stop a query, as Ctrl-C does.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_positional "stream-query" -eq 1' -fa 'wait' -d 'Wait until a query has ended, or has come so far.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_positional "stream-query" -eq 1' -fa 'check' -d 'Verify a checkpoint: nothing is changed.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_positional "stream-query" -eq 1' -fa 'state' -d 'Print what a stage keeps, as rows.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_positional "stream-query" -eq 1' -fa 'reset' -d 'Go back to an earlier epoch of a stopped query.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_positional "stream-query" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query show" json' -l 'json' -d 'Print JSON: an object, or one a line.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query show" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query show" version' -l 'version' -d 'Show the version.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query show" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query list" json' -l 'json' -d 'Print JSON: an object, or one a line.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query list" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query list" version' -l 'version' -d 'Show the version.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query progress" last' -l 'last' -d 'So many commits, if they are kept (default: 1).' -rfka ''
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query progress" follow' -l 'follow' -d 'Go on with each commit as it comes, until the query has ended.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query progress" json' -l 'json' -d 'Print JSON: an object, or one a line.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query progress" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query progress" version' -l 'version' -d 'Show the version.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query progress" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query explain" json' -l 'json' -d 'Print JSON: an object, or one a line.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query explain" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query explain" version' -l 'version' -d 'Show the version.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query explain" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query stop" wait' -l 'wait' -d 'Wait until all of the query has ended.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query stop" timeout' -l 'timeout' -d 'Wait so long at most (default: for ever).' -rfka ''
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query stop" json' -l 'json' -d 'Print JSON: an object, or one a line.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query stop" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query stop" version' -l 'version' -d 'Show the version.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query stop" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query wait" any' -l 'any' -d 'It is enough that it has happened in one of the checkpoints.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query wait" epoch' -l 'epoch' -d 'Until the sink has committed that epoch.' -rfka ''
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query wait" watermark' -l 'watermark' -d 'Until the committed watermark is past that time.' -rfka ''
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query wait" timeout' -l 'timeout' -d 'Wait so long at most (default: for ever).' -rfka ''
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query wait" json' -l 'json' -d 'Print JSON: an object, or one a line.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query wait" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query wait" version' -l 'version' -d 'Show the version.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query wait" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query check" json' -l 'json' -d 'Print JSON: an object, or one a line.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query check" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query check" version' -l 'version' -d 'Show the version.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query check" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query state" epoch' -l 'epoch' -d 'As committed with that epoch.' -rfka ''
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query state" format' -l 'format' -d 'Print table (the default), csv or json.' -rfka ''
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query state" json' -l 'json' -d 'Print JSON: an object, or one a line.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query state" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query state" version' -l 'version' -d 'Show the version.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query state" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query reset" to' -l 'to' -d 'The last epoch that stays committed.' -rfka ''
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query reset" list' -l 'list' -d 'List the epochs that one can go back to; nothing is changed.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query reset" yes' -l 'yes' -d 'Do not ask.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query reset" json' -l 'json' -d 'Print JSON: an object, or one a line.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query reset" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query reset" version' -l 'version' -d 'Show the version.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query reset" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-query' -n '__stream-query_should_offer_completions_for_flags_or_options "stream-query help" version' -l 'version' -d 'Show the version.'
