while read -r call; do
  case $call in
    *'"timeout":true'*)
      key=${call#'{"key":'} key=${key%%',"state":'*}
      echo '{"state":"silent","rows":['"$key"']}' ;;
    *) echo '{"state":"heard"}' ;;
  esac
done
