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
            __stream-sink_parse_subcommand 0 'rows=' 'explain' 'also=+' 'v/verbose' 'q/quiet' 'name=' 'compression=' 'log-format=' 'version' 'h/help'
        case 'stdout'
            __stream-sink_parse_subcommand 0 'format=' 'delimiter=' 'no-header' 'null=' 'codec=' 'explain' 'also=+' 'v/verbose' 'q/quiet' 'name=' 'compression=' 'log-format=' 'version' 'h/help'
        case 'file'
            __stream-sink_parse_subcommand 1 'overwrite' 'append' 'partition-by=' 'roll=' 'done-file' 'format=' 'delimiter=' 'no-header' 'null=' 'codec=' 'explain' 'also=+' 'v/verbose' 'q/quiet' 'name=' 'compression=' 'log-format=' 'version' 'h/help'
        case 'sqlite'
            __stream-sink_parse_subcommand 1 'table=' 'overwrite' 'append' 'explain' 'also=+' 'v/verbose' 'q/quiet' 'name=' 'compression=' 'log-format=' 'version' 'h/help'
        case 'exec'
            __stream-sink_parse_subcommand 1 'retries=' 'format=' 'delimiter=' 'no-header' 'null=' 'codec=' 'explain' 'also=+' 'v/verbose' 'q/quiet' 'name=' 'compression=' 'log-format=' 'version' 'h/help'
        case 'null'
            __stream-sink_parse_subcommand 0 'explain' 'also=+' 'v/verbose' 'q/quiet' 'name=' 'compression=' 'log-format=' 'version' 'h/help'
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
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_positional "stream-sink" -eq 1' -fa 'sqlite' -d 'Keep records in a table of an SQLite database.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_positional "stream-sink" -eq 1' -fa 'exec' -d 'Run a program for the records of each epoch.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_positional "stream-sink" -eq 1' -fa 'null' -d 'Take the records and drop them.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_positional "stream-sink" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink console" rows' -l 'rows' -d 'Show at most so many rows of a table (default: 1000 on a terminal, else all).' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink console" explain' -l 'explain' -d 'Print the plan of the whole pipeline and end; nothing runs.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink console"' -l 'also' -d 'Give the rows to a further target in the same commit, such as \'file out.csv\'; repeat for more.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink console"' -s 'v' -l 'verbose' -d 'Say on standard error what was done; repeat for more.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink console" q quiet' -s 'q' -l 'quiet' -d 'Say nothing on standard error but errors.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink console" name' -l 'name' -d 'Call the branch that starts with this stage so.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink console" compression' -l 'compression' -d 'Compress what goes to the next stage: auto (when there is time to spare), zstd[:LEVEL] or none.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink console" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink console" version' -l 'version' -d 'Show the version.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink console" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" format' -l 'format' -d 'Write text, csv, json, arrow or parquet.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" delimiter' -l 'delimiter' -d 'CSV: what stands between two fields, such as \';\' or \'\\t\'.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" no-header' -l 'no-header' -d 'CSV: leave out the names of the columns.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" null' -l 'null' -d 'CSV: what stands for null.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" codec' -l 'codec' -d 'Parquet: how the pages are compressed: zstd (the default), zstd:LEVEL, snappy, gzip or none.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" explain' -l 'explain' -d 'Print the plan of the whole pipeline and end; nothing runs.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout"' -l 'also' -d 'Give the rows to a further target in the same commit, such as \'file out.csv\'; repeat for more.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout"' -s 'v' -l 'verbose' -d 'Say on standard error what was done; repeat for more.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" q quiet' -s 'q' -l 'quiet' -d 'Say nothing on standard error but errors.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" name' -l 'name' -d 'Call the branch that starts with this stage so.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" compression' -l 'compression' -d 'Compress what goes to the next stage: auto (when there is time to spare), zstd[:LEVEL] or none.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" version' -l 'version' -d 'Show the version.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink stdout" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" overwrite' -l 'overwrite' -d 'Replace the file, or the parts in the directory.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" append' -l 'append' -d 'Add to the file, or to the directory.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" partition-by' -l 'partition-by' -d 'DIR: put rows into directories by the values of columns, as in country=de/; the files do not have these columns.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" roll' -l 'roll' -d 'DIR: close a file that is as long, such as 64M, and go on in another one.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" done-file' -l 'done-file' -d 'DIR: put an empty file _SUCCESS into each partition whose window is closed, once all of its rows are there.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" format' -l 'format' -d 'Write text, csv, json, arrow or parquet.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" delimiter' -l 'delimiter' -d 'CSV: what stands between two fields, such as \';\' or \'\\t\'.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" no-header' -l 'no-header' -d 'CSV: leave out the names of the columns.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" null' -l 'null' -d 'CSV: what stands for null.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" codec' -l 'codec' -d 'Parquet: how the pages are compressed: zstd (the default), zstd:LEVEL, snappy, gzip or none.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" explain' -l 'explain' -d 'Print the plan of the whole pipeline and end; nothing runs.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file"' -l 'also' -d 'Give the rows to a further target in the same commit, such as \'file out.csv\'; repeat for more.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file"' -s 'v' -l 'verbose' -d 'Say on standard error what was done; repeat for more.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" q quiet' -s 'q' -l 'quiet' -d 'Say nothing on standard error but errors.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" name' -l 'name' -d 'Call the branch that starts with this stage so.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" compression' -l 'compression' -d 'Compress what goes to the next stage: auto (when there is time to spare), zstd[:LEVEL] or none.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" version' -l 'version' -d 'Show the version.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink file" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink sqlite" table' -l 'table' -d 'The table.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink sqlite" overwrite' -l 'overwrite' -d 'Replace the rows of the table.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink sqlite" append' -l 'append' -d 'Add to the rows of the table.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink sqlite" explain' -l 'explain' -d 'Print the plan of the whole pipeline and end; nothing runs.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink sqlite"' -l 'also' -d 'Give the rows to a further target in the same commit, such as \'file out.csv\'; repeat for more.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink sqlite"' -s 'v' -l 'verbose' -d 'Say on standard error what was done; repeat for more.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink sqlite" q quiet' -s 'q' -l 'quiet' -d 'Say nothing on standard error but errors.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink sqlite" name' -l 'name' -d 'Call the branch that starts with this stage so.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink sqlite" compression' -l 'compression' -d 'Compress what goes to the next stage: auto (when there is time to spare), zstd[:LEVEL] or none.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink sqlite" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink sqlite" version' -l 'version' -d 'Show the version.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink sqlite" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink exec" retries' -l 'retries' -d 'Run a CMD that failed so often again (default: 3).' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink exec" format' -l 'format' -d 'Write text, csv, json, arrow or parquet.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink exec" delimiter' -l 'delimiter' -d 'CSV: what stands between two fields, such as \';\' or \'\\t\'.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink exec" no-header' -l 'no-header' -d 'CSV: leave out the names of the columns.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink exec" null' -l 'null' -d 'CSV: what stands for null.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink exec" codec' -l 'codec' -d 'Parquet: how the pages are compressed: zstd (the default), zstd:LEVEL, snappy, gzip or none.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink exec" explain' -l 'explain' -d 'Print the plan of the whole pipeline and end; nothing runs.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink exec"' -l 'also' -d 'Give the rows to a further target in the same commit, such as \'file out.csv\'; repeat for more.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink exec"' -s 'v' -l 'verbose' -d 'Say on standard error what was done; repeat for more.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink exec" q quiet' -s 'q' -l 'quiet' -d 'Say nothing on standard error but errors.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink exec" name' -l 'name' -d 'Call the branch that starts with this stage so.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink exec" compression' -l 'compression' -d 'Compress what goes to the next stage: auto (when there is time to spare), zstd[:LEVEL] or none.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink exec" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink exec" version' -l 'version' -d 'Show the version.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink exec" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink null" explain' -l 'explain' -d 'Print the plan of the whole pipeline and end; nothing runs.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink null"' -l 'also' -d 'Give the rows to a further target in the same commit, such as \'file out.csv\'; repeat for more.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink null"' -s 'v' -l 'verbose' -d 'Say on standard error what was done; repeat for more.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink null" q quiet' -s 'q' -l 'quiet' -d 'Say nothing on standard error but errors.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink null" name' -l 'name' -d 'Call the branch that starts with this stage so.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink null" compression' -l 'compression' -d 'Compress what goes to the next stage: auto (when there is time to spare), zstd[:LEVEL] or none.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink null" log-format' -l 'log-format' -d 'Write messages as text or json.' -rfka ''
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink null" version' -l 'version' -d 'Show the version.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink null" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'stream-sink' -n '__stream-sink_should_offer_completions_for_flags_or_options "stream-sink help" version' -l 'version' -d 'Show the version.'
