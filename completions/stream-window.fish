function __stream-window_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __stream-window_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __stream-window_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __stream-window_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __stream-window_parse_tokens -S
    set -l unparsed_tokens (__stream-window_tokens -pc)
    switch $unparsed_tokens[1]
    case 'stream-window'
        __stream-window_parse_subcommand 0 'time=' 'processing-time' 'watermark=' 'size=' 'slide=' 'offset=' 'timezone=' 'emit-every=' 'session=' 'idle=' 'late=' 'explode' 'v/verbose' 'q/quiet' 'name=' 'compression=' 'log-format=' 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'help'
            __stream-window_parse_subcommand -r 1 'version'
        end
    end
end

function __stream-window_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __stream-window_parse_subcommand -S -a positional_count
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

function __stream-window_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __stream-window_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__stream-window_tokens -p)
    if test -z "$(__stream-window_tokens -t)"
        set -l index (count (__stream-window_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'stream-window' -f
complete -c 'stream-window' -n '__stream-window_should_offer_completions_for_flags_or_options "stream-window" time' -l 'time' -d 'The timestamp that says when a row\'s event was: a column, or an expression, which becomes one.' -rfka ''
complete -c 'stream-window' -n '__stream-window_should_offer_completions_for_flags_or_options "stream-window" processing-time' -l 'processing-time' -d 'Windows of the time at which the source read a row, in place of --time.'
complete -c 'stream-window' -n '__stream-window_should_offer_completions_for_flags_or_options "stream-window" watermark' -l 'watermark' -d 'How far rows may be behind the latest event time before them; what is further behind is late.' -rfka ''
complete -c 'stream-window' -n '__stream-window_should_offer_completions_for_flags_or_options "stream-window" size' -l 'size' -d 'How long windows are, such as 10m, 1d, \'3 months\' (of the calendar).' -rfka ''
complete -c 'stream-window' -n '__stream-window_should_offer_completions_for_flags_or_options "stream-window" slide' -l 'slide' -d 'Begin a window so often (default: when the last ends).' -rfka ''
complete -c 'stream-window' -n '__stream-window_should_offer_completions_for_flags_or_options "stream-window" offset' -l 'offset' -d 'Let windows begin so much later than at full hours or days; may be negative.' -rfka ''
complete -c 'stream-window' -n '__stream-window_should_offer_completions_for_flags_or_options "stream-window" timezone' -l 'timezone' -d 'Let windows begin at midnight and so on there: Europe/Zurich, +02:00 (default: UTC).' -rfka ''
complete -c 'stream-window' -n '__stream-window_should_offer_completions_for_flags_or_options "stream-window" emit-every' -l 'emit-every' -d 'Let a window end so often, each with all since the beginning of --size.' -rfka ''
complete -c 'stream-window' -n '__stream-window_should_offer_completions_for_flags_or_options "stream-window" session' -l 'session' -d 'Windows of rows of a key that are less than so long after one another; a duration, or an expression for each row\'s.' -rfka ''
complete -c 'stream-window' -n '__stream-window_should_offer_completions_for_flags_or_options "stream-window" idle' -l 'idle' -d 'When no rows have come for so long, let the watermark move on with the clock.' -rfka ''
complete -c 'stream-window' -n '__stream-window_should_offer_completions_for_flags_or_options "stream-window" late' -l 'late' -d 'What becomes of late rows: drop (the default), keep (in the checkpoint), or a directory for them.' -rfka ''
complete -c 'stream-window' -n '__stream-window_should_offer_completions_for_flags_or_options "stream-window" explode' -l 'explode' -d 'Send a row for each window that it is in, with its window_start and window_end.'
complete -c 'stream-window' -n '__stream-window_should_offer_completions_for_flags_or_options "stream-window"' -s 'v' -l 'verbose' -d 'Say on standard error what was done; repeat for more.'
complete -c 'stream-window' -n '__stream-window_should_offer_completions_for_flags_or_options "stream-window" q quiet' -s 'q' -l 'quiet' -d 'Say nothing on standard error but errors.'
complete -c 'stream-window' -n '__stream-window_should_offer_completions_for_flags_or_options "stream-window" name' -l 'name' -d 'Call the branch that starts with this stage so.' -rfka ''
complete -c 'stream-window' -n '__stream-window_should_offer_completions_for_flags_or_options "stream-window" compression' -l 'compression' -d 'Compress what goes to the next stage: auto (when there is time to spare), zstd[:LEVEL] or none.' -rfka ''
complete -c 'stream-window' -n '__stream-window_should_offer_completions_for_flags_or_options "stream-window" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-window' -n '__stream-window_should_offer_completions_for_flags_or_options "stream-window" version' -l 'version' -d 'Show the version.'
complete -c 'stream-window' -n '__stream-window_should_offer_completions_for_flags_or_options "stream-window" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-window' -n '__stream-window_should_offer_completions_for_positional "stream-window" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'stream-window' -n '__stream-window_should_offer_completions_for_flags_or_options "stream-window help" version' -l 'version' -d 'Show the version.'
