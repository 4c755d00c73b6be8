function __stream-sink_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __stream-sink_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __stream-sink_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __stream-sink_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __stream-sink_parse_tokens -S
    set -l unparsed_tokens (__stream-sink_tokens -pc)
    switch $unparsed_tokens[1]
    case 'stream-sink'
        __stream-sink_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'console'
            __stream-sink_parse_subcommand 0 'rows=' 'explain' 'v/verbose' 'q/quiet' 'name=' 'compression=' 'log-format=' 'version' 'h/help'
        case 'stdout'
            __stream-sink_parse_subcommand 0 'format=' 'delimiter=' 'no-header' 'null=' 'explain' 'v/verbose' 'q/quiet' 'name=' 'compression=' 'log-format=' 'version' 'h/help'
        case 'file'
            __stream-sink_parse_subcommand 1 'overwrite' 'append' 'format=' 'delimiter=' 'no-header' 'null=' 'explain' 'v/verbose' 'q/quiet' 'name=' 'compression=' 'log-format=' 'version' 'h/help'
        case 'null'
            __stream-sink_parse_subcommand 0 'explain' 'v/verbose' 'q/quiet' 'name=' 'compression=' 'log-format=' 'version' 'h/help'
        case 'help'
            __stream-sink_parse_subcommand -r 1 'version'
        end
    end
end

function __stream-sink_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __stream-sink_parse_subcommand -S -a positional_count
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

function __stream-sink_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __stream-sink_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__stream-sink_tokens -p)
    if test -z "$(__stream-sink_tokens -t)"
        set -l index (count (__stream-sink_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'stream-sink' -f
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink" version' -l 'version' -d 'Show the version.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_positional "stream-sink" -eq 1' -fa 'console' -d 'Show a table (this is the default).'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_positional "stream-sink" -eq 1' -fa 'stdout' -d 'Print records for the next program.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_positional "stream-sink" -eq 1' -fa 'file' -d 'Keep records in a file or a directory.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_positional "stream-sink" -eq 1' -fa 'null' -d 'Take the records and drop them.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_positional "stream-sink" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink console" rows' -l 'rows' -d 'Show at most so many rows of a table (default: 1000 on a terminal, else all).' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink console" explain' -l 'explain' -d 'Print the plan of the whole pipeline and end; nothing runs.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink console"' -s 'v' -l 'verbose' -d 'Say on standard error what was done; repeat for more.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink console" q quiet' -s 'q' -l 'quiet' -d 'Say nothing on standard error but errors.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink console" name' -l 'name' -d 'Call the branch that starts with this stage so.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink console" compression' -l 'compression' -d 'Compress what goes to the next stage: auto (when there is time to spare), zstd[:LEVEL] or none.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink console" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink console" version' -l 'version' -d 'Show the version.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink console" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" format' -l 'format' -d 'Write text, csv, json or arrow.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" delimiter' -l 'delimiter' -d 'CSV: what stands between two fields, such as \';\' or \'\\t\'.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" no-header' -l 'no-header' -d 'CSV: leave out the names of the columns.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" null' -l 'null' -d 'CSV: what stands for null.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" explain' -l 'explain' -d 'Print the plan of the whole pipeline and end; nothing runs.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout"' -s 'v' -l 'verbose' -d 'Say on standard error what was done; repeat for more.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" q quiet' -s 'q' -l 'quiet' -d 'Say nothing on standard error but errors.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" name' -l 'name' -d 'Call the branch that starts with this stage so.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" compression' -l 'compression' -d 'Compress what goes to the next stage: auto (when there is time to spare), zstd[:LEVEL] or none.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" version' -l 'version' -d 'Show the version.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" overwrite' -l 'overwrite' -d 'Replace the file, or the parts in the directory.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" append' -l 'append' -d 'Add to the file, or to the directory.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" format' -l 'format' -d 'Write text, csv, json or arrow.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" delimiter' -l 'delimiter' -d 'CSV: what stands between two fields, such as \';\' or \'\\t\'.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" no-header' -l 'no-header' -d 'CSV: leave out the names of the columns.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" null' -l 'null' -d 'CSV: what stands for null.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" explain' -l 'explain' -d 'Print the plan of the whole pipeline and end; nothing runs.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file"' -s 'v' -l 'verbose' -d 'Say on standard error what was done; repeat for more.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" q quiet' -s 'q' -l 'quiet' -d 'Say nothing on standard error but errors.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" name' -l 'name' -d 'Call the branch that starts with this stage so.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" compression' -l 'compression' -d 'Compress what goes to the next stage: auto (when there is time to spare), zstd[:LEVEL] or none.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" version' -l 'version' -d 'Show the version.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink null" explain' -l 'explain' -d 'Print the plan of the whole pipeline and end; nothing runs.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink null"' -s 'v' -l 'verbose' -d 'Say on standard error what was done; repeat for more.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink null" q quiet' -s 'q' -l 'quiet' -d 'Say nothing on standard error but errors.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink null" name' -l 'name' -d 'Call the branch that starts with this stage so.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink null" compression' -l 'compression' -d 'Compress what goes to the next stage: auto (when there is time to spare), zstd[:LEVEL] or none.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink null" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink null" version' -l 'version' -d 'Show the version.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink null" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink help" version' -l 'version' -d 'Show the version.'
