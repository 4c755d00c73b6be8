function __stream-state_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __stream-state_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __stream-state_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __stream-state_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __stream-state_parse_tokens -S
    set -l unparsed_tokens (__stream-state_tokens -pc)
    switch $unparsed_tokens[1]
    case 'stream-state'
        __stream-state_parse_subcommand 0 'by=+' 'exec=' 'schema=' 'timeout=' 'timeout-by=' 'state-memory=' 'v/verbose' 'q/quiet' 'name=' 'compression=' 'log-format=' 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'help'
            __stream-state_parse_subcommand -r 1 'version'
        end
    end
end

function __stream-state_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __stream-state_parse_subcommand -S -a positional_count
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

function __stream-state_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __stream-state_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__stream-state_tokens -p)
    if test -z "$(__stream-state_tokens -t)"
        set -l index (count (__stream-state_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'stream-state' -f
complete -c 'stream-state' -n '__stream-state_should_offer_completions_for_flags_or_options "stream-state"' -l 'by' -d 'Columns or expressions that make the key.' -rfka ''
complete -c 'stream-state' -n '__stream-state_should_offer_completions_for_flags_or_options "stream-state" exec' -l 'exec' -d 'What the shell runs, once, for the whole run.' -rfka ''
complete -c 'stream-state' -n '__stream-state_should_offer_completions_for_flags_or_options "stream-state" schema' -l 'schema' -d 'The columns of the rows that CMD answers with (default: those of the input).' -rfka ''
complete -c 'stream-state' -n '__stream-state_should_offer_completions_for_flags_or_options "stream-state" timeout' -l 'timeout' -d 'Call CMD, without rows, for a key that has had none for so long.' -rfka ''
complete -c 'stream-state' -n '__stream-state_should_offer_completions_for_flags_or_options "stream-state" timeout-by' -l 'timeout-by' -d 'Measure silence by event (the default with a watermark) or processing time.' -rfka ''
complete -c 'stream-state' -n '__stream-state_should_offer_completions_for_flags_or_options "stream-state" state-memory' -l 'state-memory' -d 'Stop with an error when the state and the rows of an epoch take more memory than this (default: half of the machine\'s).' -rfka ''
complete -c 'stream-state' -n '__stream-state_should_offer_completions_for_flags_or_options "stream-state"' -s 'v' -l 'verbose' -d 'Say on standard error what was done; repeat for more.'
complete -c 'stream-state' -n '__stream-state_should_offer_completions_for_flags_or_options "stream-state" q quiet' -s 'q' -l 'quiet' -d 'Say nothing on standard error but errors.'
complete -c 'stream-state' -n '__stream-state_should_offer_completions_for_flags_or_options "stream-state" name' -l 'name' -d 'Call the branch that starts with this stage so.' -rfka ''
complete -c 'stream-state' -n '__stream-state_should_offer_completions_for_flags_or_options "stream-state" compression' -l 'compression' -d 'Compress what goes to the next stage: auto (when there is time to spare), zstd[:LEVEL] or none.' -rfka ''
complete -c 'stream-state' -n '__stream-state_should_offer_completions_for_flags_or_options "stream-state" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-state' -n '__stream-state_should_offer_completions_for_flags_or_options "stream-state" version' -l 'version' -d 'Show the version.'
complete -c 'stream-state' -n '__stream-state_should_offer_completions_for_flags_or_options "stream-state" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-state' -n '__stream-state_should_offer_completions_for_positional "stream-state" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'stream-state' -n '__stream-state_should_offer_completions_for_flags_or_options "stream-state help" version' -l 'version' -d 'Show the version.'
